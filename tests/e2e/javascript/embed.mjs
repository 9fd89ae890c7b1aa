// Vectors of one input, of two inputs, and of the older endpoint.
import { client, model, report } from "./client.mjs";

report({
  one: await client.embed({ model, input: "one text" }),
  two: await client.embed({ model, input: ["one text", "another text"] }),
  old: await client.embeddings({ model, prompt: "one text" }),
});
