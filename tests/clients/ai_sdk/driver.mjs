// The AI SDK with the community provider for Ollama.
import { embed, embedMany, generateText, jsonSchema, Output, stepCountIs, streamText, tool } from "ai";
import { createOllama } from "ollama-ai-provider-v2";
import { citySchema, description, drive, options, pixel, question, schema, texts, weather } from "./driving.mjs";

const tools = {
  get_weather: tool({ description, inputSchema: jsonSchema(citySchema), execute: weather }),
};

function asking({ host, model }, think = false) {
  return {
    model: createOllama({ baseURL: `${host}/api` })(model),
    prompt: question,
    maxRetries: 0,
    temperature: options.temperature,
    providerOptions: { ollama: { think, options } },
  };
}

const usage = ({ inputTokens, outputTokens }) => [inputTokens, outputTokens];
const made = (steps) => steps.flatMap(({ toolCalls }) => toolCalls.map((call) => [call.toolName, call.input]));

/** Yields the parts of a stream and throws its error parts. */
async function* parts(stream) {
  for await (const part of stream.fullStream) {
    if (part.type === "error") throw part.error;
    yield part;
  }
}

await drive({
  async whole(asked, told) {
    const answer = await generateText(asking(asked));
    told.text = answer.text;
    told.usage = usage(answer.usage);
  },
  async stream(asked, told) {
    told.pieces = [];
    const stream = streamText({ ...asking(asked), onError() {} });
    for await (const part of parts(stream)) {
      if (part.type === "text-delta") told.pieces.push(part.text);
    }
    told.usage = usage(await stream.usage);
  },
  async call(asked, told) {
    const answer = await generateText({ ...asking(asked), tools, stopWhen: stepCountIs(2) });
    told.calls = made(answer.steps);
    told.text = answer.text;
  },
  async calls(asked, told) {
    const stream = streamText({ ...asking(asked), tools, stopWhen: stepCountIs(2) });
    for await (const _ of parts(stream));
    told.calls = made(await stream.steps);
    told.text = await stream.text;
  },
  async structured(asked, told) {
    const output = Output.object({ schema: jsonSchema(schema) });
    told.value = (await generateText({ ...asking(asked), output })).output;
  },
  async think(asked, told) {
    const stream = streamText(asking(asked, true));
    for await (const _ of parts(stream));
    told.thinking = await stream.reasoningText;
    told.text = await stream.text;
  },
  async plain(asked, told) {
    const answer = await generateText(asking(asked));
    told.thinking = answer.reasoningText ?? "";
    told.text = answer.text;
  },
  async picture(asked, told) {
    // Base64, because this provider encodes bytes as an array of numbers, which Ollama rejects.
    const content = [{ type: "text", text: question }, { type: "image", image: pixel }];
    const { prompt: _, ...rest } = asking(asked);
    told.text = (await generateText({ ...rest, messages: [{ role: "user", content }] })).text;
  },
  async embed({ host, model: name }, told) {
    const model = createOllama({ baseURL: `${host}/api` }).textEmbeddingModel(name);
    told.vectors = (await embedMany({ model, values: texts, maxRetries: 0 })).embeddings;
    told.vector = (await embed({ model, value: texts[0], maxRetries: 0 })).embedding;
  },
  async leave(asked, told) {
    const controller = new AbortController();
    told.pieces = [];
    const stream = streamText({ ...asking(asked), abortSignal: controller.signal });
    for await (const part of parts(stream)) {
      if (part.type !== "text-delta") continue;
      told.pieces.push(part.text);
      controller.abort();
    }
  },
});
