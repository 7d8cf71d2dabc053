// How far a document is, in words.

import { money, plural } from "./dom.js";

const STATES = {
  queued: "Waiting",
  reading: "Reading",
  extracting: "Finding names",
  done: "Ready",
  failed: "Could not be read",
  "over-budget": "Stopped: the money for models is spent",
};

const REASONS = {
  empty: "it is empty",
  encrypted: "it needs a password",
  damaged: "the file is damaged",
  unsupported: "this kind of file is not known",
  "too-large": "it is too large",
  "no-text": "there is no text in it",
  "not-text": "it is no text",
  malformed: "the model's answer made no sense",
  refused: "the model refused",
  throttled: "the model is busy",
  unavailable: "the model does not answer",
  truncated: "the model's answer was cut off",
};

export const ENDED = new Set(["done", "failed", "over-budget"]);

/** One line about a document. */
export function standing({ state, reason, chunks, extracted, skipped, entities, usd }) {
  const words = STATES[state] ?? state;
  if (state === "failed") return `${words}: ${REASONS[reason] ?? reason}`;
  if (state === "extracting") return `${words}: ${extracted} of ${plural(chunks, "passage")}`;
  if (state !== "done") return words;
  const parts = [words, plural(chunks, "passage"), plural(entities, "name")];
  if (skipped) parts.push(`${plural(skipped, "passage")} could not be read`);
  if (usd) parts.push(money(usd));
  return parts.join(" · ");
}
