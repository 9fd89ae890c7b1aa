// The error of each operation for an unknown model.
import { client, failure, greeting, model, report } from "./client.mjs";

report({
  chat: await failure(() => client.chat({ model, messages: greeting })),
  stream: await failure(() => client.chat({ model, messages: greeting, stream: true })),
  generate: await failure(() => client.generate({ model, prompt: "hi" })),
  show: await failure(() => client.show({ model })),
  embed: await failure(() => client.embed({ model, input: "hi" })),
});
