// LangChain.js: ChatOllama and OllamaEmbeddings.
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { ChatOllama, OllamaEmbeddings } from "@langchain/ollama";
import { citySchema, description, drive, options, pixel, question, schema, texts, weather } from "./driving.mjs";

const tools = [
  { type: "function", function: { name: "get_weather", description, parameters: citySchema } },
];

function chat({ host, model }, more = {}) {
  const { num_predict: numPredict, temperature, seed } = options;
  return new ChatOllama({ baseUrl: host, model, numPredict, temperature, seed, maxRetries: 0, ...more });
}

const usage = ({ usage_metadata: { input_tokens, output_tokens } }) => [input_tokens, output_tokens];

async function gathered(stream) {
  let sum;
  for await (const part of stream) sum = sum === undefined ? part : sum.concat(part);
  return sum;
}

async function finish(model, told, first) {
  told.calls = first.tool_calls.map((call) => [call.name, call.args]);
  const results = first.tool_calls.map(
    (call) => new ToolMessage({ content: weather(call.args), tool_call_id: call.id }),
  );
  told.text = (await model.invoke([new HumanMessage(question), first, ...results])).content;
}

await drive({
  async whole(asked, told) {
    const answer = await chat(asked).invoke(question);
    told.text = answer.content;
    told.usage = usage(answer);
  },
  async stream(asked, told) {
    told.pieces = [];
    let sum;
    for await (const part of await chat(asked).stream(question)) {
      told.pieces.push(part.content);
      sum = sum === undefined ? part : sum.concat(part);
    }
    told.usage = usage(sum);
  },
  async call(asked, told) {
    const model = chat(asked).bindTools(tools);
    await finish(model, told, await model.invoke(question));
  },
  async calls(asked, told) {
    const model = chat(asked).bindTools(tools);
    await finish(model, told, await gathered(await model.stream(question)));
  },
  async structured(asked, told) {
    const model = chat(asked, { checkOrPullModel: true }).withStructuredOutput(schema, { method: "jsonSchema" });
    told.value = await model.invoke(question);
  },
  async think(asked, told) {
    const answer = await gathered(await chat(asked, { think: true }).stream(question));
    told.thinking = answer.additional_kwargs.reasoning_content;
    told.text = answer.content;
  },
  async plain(asked, told) {
    const answer = await chat(asked, { think: false }).invoke(question);
    told.thinking = answer.additional_kwargs.reasoning_content ?? "";
    told.text = answer.content;
  },
  async picture(asked, told) {
    const url = `data:image/png;base64,${pixel}`;
    const content = [{ type: "text", text: question }, { type: "image_url", image_url: url }];
    told.text = (await chat(asked).invoke([new HumanMessage({ content })])).content;
  },
  async embed({ host, model }, told) {
    const embeddings = new OllamaEmbeddings({ baseUrl: host, model, maxRetries: 0 });
    told.vectors = await embeddings.embedDocuments(texts);
    told.vector = await embeddings.embedQuery(texts[0]);
  },
  async leave(asked, told) {
    const controller = new AbortController();
    told.pieces = [];
    try {
      for await (const part of await chat(asked).stream(question, { signal: controller.signal })) {
        told.pieces.push(part.content);
        controller.abort();
      }
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    }
  },
});
