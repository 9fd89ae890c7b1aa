// What every script shares. Arguments: the URL of the service, the name of a model.
// The last word of a script is one JSON document on stdout; test_javascript_client.py reads it.
import { Ollama } from "ollama";

const [host, name] = process.argv.slice(2);

export const model = name;
export const client = new Ollama({ host });
export const greeting = [{ role: "user", content: "Say hello." }];
export const short = { num_predict: 16, temperature: 0, seed: 7 };

export function tell(outcome) {
  console.log(JSON.stringify(outcome));
}

/** What a call fails with; null where it does not. */
export async function failure(call) {
  try {
    await call();
    return null;
  } catch (error) {
    return { name: error.name, message: error.message, status: error.status_code };
  }
}
