// A streamed tool call. Its result is sent back together with the call.
import { client, model, report } from "./client.mjs";

const tools = [
  {
    type: "function",
    function: {
      name: "get_weather",
      description: "The weather of a city",
      parameters: {
        type: "object",
        properties: { city: { type: "string" } },
        required: ["city"],
      },
    },
  },
];
const messages = [{ role: "user", content: "How is the weather?" }];
const parts = [];
for await (const part of await client.chat({ model, messages, tools, stream: true })) {
  parts.push(part);
}
const calls = parts.flatMap((part) => part.message.tool_calls ?? []);
messages.push({ role: "assistant", content: "", tool_calls: calls });
for (const call of calls) {
  const { city } = call.function.arguments;
  messages.push({ role: "tool", tool_name: call.function.name, content: `9 degrees in ${city}` });
}
const response = await client.chat({ model, messages, tools });
report({ calls, last: parts.at(-1), response });
