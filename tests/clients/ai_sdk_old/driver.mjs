// The previous major generation of the AI SDK, with the provider of that time.
import { embed, embedMany, generateObject, generateText, jsonSchema, streamText, tool } from "ai";
import { createOllama } from "ollama-ai-provider";
import { citySchema, description, drive, options, pixel, question, schema, texts, weather } from "./driving.mjs";

const tools = {
  get_weather: tool({ description, parameters: jsonSchema(citySchema), execute: weather }),
};

function asking({ host, model }, more = {}) {
  return {
    model: createOllama({ baseURL: `${host}/api` })(model, more),
    prompt: question,
    maxRetries: 0,
    maxTokens: options.num_predict,
    temperature: options.temperature,
  };
}

const usage = ({ promptTokens, completionTokens }) => [promptTokens, completionTokens];
const made = (steps) => steps.flatMap(({ toolCalls }) => toolCalls.map((call) => [call.toolName, call.args]));

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
      if (part.type === "text-delta") told.pieces.push(part.textDelta);
    }
    told.usage = usage(await stream.usage);
  },
  async call(asked, told) {
    const answer = await generateText({ ...asking(asked), tools, maxSteps: 2 });
    told.calls = made(answer.steps);
    told.text = answer.text;
  },
  async calls(asked, told) {
    const stream = streamText({ ...asking(asked), tools, maxSteps: 2 });
    for await (const _ of parts(stream));
    told.calls = made(await stream.steps);
    told.text = await stream.text;
  },
  async structured(asked, told) {
    const model = createOllama({ baseURL: `${asked.host}/api` })(asked.model, { structuredOutputs: true });
    const request = { ...asking(asked), model, schema: jsonSchema(schema), mode: "json" };
    told.value = (await generateObject(request)).object;
  },
  async picture(asked, told) {
    const image = Buffer.from(pixel, "base64");
    const content = [{ type: "text", text: question }, { type: "image", image }];
    const { prompt: _, ...rest } = asking(asked);
    told.text = (await generateText({ ...rest, messages: [{ role: "user", content }] })).text;
  },
  async embed({ host, model: name }, told) {
    const model = createOllama({ baseURL: `${host}/api` }).embedding(name);
    told.vectors = (await embedMany({ model, values: texts, maxRetries: 0 })).embeddings;
    told.vector = (await embed({ model, value: texts[0], maxRetries: 0 })).embedding;
  },
  async leave(asked, told) {
    const controller = new AbortController();
    told.pieces = [];
    const stream = streamText({ ...asking(asked), abortSignal: controller.signal, onError() {} });
    try {
      for await (const part of parts(stream)) {
        if (part.type !== "text-delta") continue;
        told.pieces.push(part.textDelta);
        controller.abort();
      }
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    }
  },
});
