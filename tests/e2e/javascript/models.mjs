// The loaded model as list, show and ps return it.
import { client, model, report } from "./client.mjs";

await client.generate({ model, prompt: "", keep_alive: "1m" });
report({
  list: await client.list(),
  show: await client.show({ model }),
  ps: await client.ps(),
  version: await client.version(),
});
