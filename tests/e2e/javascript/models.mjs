// The loaded model as list, show and ps tell of it.
import { client, model, tell } from "./client.mjs";

await client.generate({ model, prompt: "", keep_alive: "1m" });
tell({
  list: await client.list(),
  show: await client.show({ model }),
  ps: await client.ps(),
  version: await client.version(),
});
