// A stream that the client aborts after the first chunk.
import { client, failure, greeting, model, report } from "./client.mjs";

const received = [];
const stream = await client.chat({ model, messages: greeting, stream: true });
const ended = await failure(async () => {
  for await (const part of stream) {
    received.push(part.message.content);
    stream.abort();
  }
});
report({ received, ended });
