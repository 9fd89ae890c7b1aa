// Vectors of one text and of two.
import { client, model, tell } from "./client.mjs";

tell({
  one: await client.embed({ model, input: "one text" }),
  two: await client.embed({ model, input: ["one text", "another text"] }),
  old: await client.embeddings({ model, prompt: "one text" }),
});
