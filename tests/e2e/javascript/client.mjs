// Shared by all scripts. Arguments: the URL of the service and the name of a model.
// Every script prints one JSON document to stdout, which test_javascript_client.py checks.
import { Ollama } from "ollama";

const [host, name] = process.argv.slice(2);

export const model = name;
export const client = new Ollama({ host });
export const greeting = [{ role: "user", content: "Say hello." }];
export const short = { num_predict: 16, temperature: 0, seed: 7 };

export function report(outcome) {
  console.log(JSON.stringify(outcome));
}

/** The error that a call throws, or null. */
export async function failure(call) {
  try {
    await call();
    return null;
  } catch (error) {
    return { name: error.name, message: error.message, status: error.status_code };
  }
}
