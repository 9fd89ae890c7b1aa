// ollama-js: the client itself.
import { Ollama } from "ollama";
import { citySchema, description, drive, options, pixel, question, schema, texts, weather } from "./driving.mjs";

const user = { role: "user", content: question };
const tools = [
  { type: "function", function: { name: "get_weather", description, parameters: citySchema } },
];

async function all(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

async function finish(client, model, told, made) {
  told.calls = made.map((call) => [call.function.name, call.function.arguments]);
  const results = made.map((call) => ({
    role: "tool",
    tool_name: call.function.name,
    content: weather(call.function.arguments),
  }));
  const messages = [user, { role: "assistant", content: "", tool_calls: made }, ...results];
  told.text = (await client.chat({ model, messages, tools })).message.content;
}

await drive({
  async models({ host }, told) {
    told.models = (await new Ollama({ host }).list()).models.map((model) => model.name);
  },
  async whole({ host, model }, told) {
    const answer = await new Ollama({ host }).chat({ model, messages: [user], options });
    told.text = answer.message.content;
    told.usage = [answer.prompt_eval_count, answer.eval_count];
  },
  async stream({ host, model }, told) {
    told.pieces = [];
    const request = { model, messages: [user], options, stream: true };
    for await (const part of await new Ollama({ host }).chat(request)) {
      told.pieces.push(part.message.content);
      if (part.done) told.usage = [part.prompt_eval_count, part.eval_count];
    }
  },
  async call({ host, model }, told) {
    const client = new Ollama({ host });
    const first = await client.chat({ model, messages: [user], tools });
    await finish(client, model, told, first.message.tool_calls ?? []);
  },
  async calls({ host, model }, told) {
    const client = new Ollama({ host });
    const parts = await all(await client.chat({ model, messages: [user], tools, stream: true }));
    await finish(client, model, told, parts.flatMap((part) => part.message.tool_calls ?? []));
  },
  async structured({ host, model }, told) {
    const request = { model, messages: [user], options, format: schema };
    told.value = JSON.parse((await new Ollama({ host }).chat(request)).message.content);
  },
  async think({ host, model }, told) {
    const request = { model, messages: [user], think: true, stream: true };
    const parts = await all(await new Ollama({ host }).chat(request));
    told.thinking = parts.map((part) => part.message.thinking ?? "").join("");
    told.text = parts.map((part) => part.message.content).join("");
  },
  async plain({ host, model }, told) {
    const answer = await new Ollama({ host }).chat({ model, messages: [user], think: false });
    told.thinking = answer.message.thinking ?? "";
    told.text = answer.message.content;
  },
  async picture({ host, model }, told) {
    const messages = [{ ...user, images: [pixel] }];
    told.text = (await new Ollama({ host }).chat({ model, messages })).message.content;
  },
  async embed({ host, model }, told) {
    const client = new Ollama({ host });
    told.vectors = (await client.embed({ model, input: texts })).embeddings;
    told.vector = (await client.embeddings({ model, prompt: texts[0] })).embedding;
  },
  async leave({ host, model }, told) {
    const stream = await new Ollama({ host }).chat({ model, messages: [user], stream: true });
    told.pieces = [];
    try {
      for await (const part of stream) {
        told.pieces.push(part.message.content);
        stream.abort();
      }
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  },
});
