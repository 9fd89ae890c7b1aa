// The same response complete and as a stream, for chat and generate. The client throws if a stream
// ends without a done line.
import { client, greeting, model, short, report } from "./client.mjs";

async function all(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

const chat = { model, messages: greeting, options: short };
const generate = { model, prompt: "Say hello.", options: short };
report({
  chat: await client.chat(chat),
  chatParts: await all(await client.chat({ ...chat, stream: true })),
  generate: await client.generate(generate),
  generateParts: await all(await client.generate({ ...generate, stream: true })),
});
