// Shared code of the JavaScript drivers. driving.py describes the protocol.
import { createInterface } from "node:readline";

export const question = "How is the weather in Oslo?";
export const texts = ["one text", "another"];
export const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
export const schema = {
  title: "Weather",
  type: "object",
  properties: { city: { type: "string" }, degrees: { type: "integer" } },
  required: ["city", "degrees"],
};
export const options = { temperature: 0, seed: 7, num_predict: 40 };
export const description = "The weather of a city";
export const weather = ({ city }) => `9 degrees in ${city}`;
export const citySchema = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
};

console.log = console.info = console.error;

/** Processes requests until the end of stdin. An act stores its results in its second argument. */
export async function drive(acts) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { act, host, model } = JSON.parse(line);
    const told = {};
    try {
      await acts[act]({ host, model }, told);
    } catch (error) {
      told.raised = {
        kinds: [error.name, error.constructor.name],
        message: String(error.message),
        status: error.status_code ?? error.statusCode ?? null,
      };
    }
    process.stdout.write(JSON.stringify(told) + "\n");
  }
}
