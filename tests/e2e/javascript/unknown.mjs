// What each operation fails with for a model that is not there.
import { client, failure, greeting, model, tell } from "./client.mjs";

tell({
  chat: await failure(() => client.chat({ model, messages: greeting })),
  stream: await failure(() => client.chat({ model, messages: greeting, stream: true })),
  generate: await failure(() => client.generate({ model, prompt: "hi" })),
  show: await failure(() => client.show({ model })),
  embed: await failure(() => client.embed({ model, input: "hi" })),
});
