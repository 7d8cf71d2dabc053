// A question and its answer: streamed where the server streams, whole where it does not.

import { at, make, money, plural } from "./dom.js";
import { library, showGraph } from "./graph.js";
import { source } from "./sources.js";
import { events, failure, request } from "./service.js";

const nothing = () => ({
  answer: null,
  reason: "",
  citations: [],
  sentences: [],
  entities: [],
  done: false,
});

/** Why a model wrote nothing although there are sources; other reasons need no words of their own. */
const REASONS = {
  "over-budget": "Today's money for the model is spent. These passages bear on the question.",
  throttled: "The model is busy. These passages bear on the question.",
};
const NO_MODEL = "The model did not answer. These passages bear on the question.";

export function startAsking(unkeyed) {
  let asking = null;

  at("ask-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const question = at("question").value.trim();
    if (!question) return;
    asking?.abort();
    const mine = (asking = new AbortController());
    clear();
    at("ask-status").textContent = "Looking in the documents …";
    library().catch(() => {}); // showGraph tells it where it does not load
    try {
      const answer = await received(question, mine.signal);
      at("ask-status").textContent = told(answer);
      const text = `${question} ${answer.answer ?? ""}`.toLowerCase();
      const said = answer.entities.filter((name) => text.includes(name.toLowerCase()));
      if (answer.entities.length) await showGraph(answer.entities, said);
    } catch (error) {
      if (mine.signal.aborted) return;
      at("ask-status").textContent = "";
      if (!unkeyed(error)) at("ask-error").textContent = error.message;
    }
  });
}

function clear() {
  at("answer").hidden = true;
  at("graph-part").hidden = true;
  at("ask-error").textContent = "";
  at("sources").replaceChildren();
}

async function received(question, signal) {
  const answer = await request("ask", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream, application/json" },
    body: JSON.stringify({ question }),
    signal,
  });
  if (!answer.headers.get("content-type").startsWith("text/event-stream")) {
    const whole = { ...nothing(), ...(await answer.json()), done: true };
    show(whole);
    return whole;
  }
  let found = nothing();
  for await (const { event, data } of events(answer)) {
    if (event === "problem") throw failure(data.status, JSON.stringify(data));
    if (event === "sources") found = { ...found, ...data };
    if (event === "sentence") found.sentences.push(data);
    if (event === "answer") found = { ...found, ...data, done: true };
    show(found);
  }
  return found;
}

const refused = ({ done, answer }) => done && answer === null;

function told(found) {
  if (!found.citations.length) return "Not in the documents.";
  const from = plural(found.citations.length, "passage");
  return refused(found) ? `No answer, but ${from}.` : `Answered from ${from}.`;
}

/** Draw what is known of the answer so far; sources that are there already stay as they are. */
function show(found) {
  at("answer").hidden = false;
  const text = at("answer-text");
  text.classList.toggle("refusal", refused(found));
  if (refused(found)) text.textContent = why(found);
  else if (found.sentences.length) text.replaceChildren(...found.sentences.flatMap(sentence));
  else text.textContent = found.answer ?? "";
  const list = at("sources");
  for (const citation of found.citations.slice(list.children.length)) {
    list.append(source(citation, list.children.length + 1));
  }
  at("sources-part").hidden = !found.citations.length;
  at("answer-note").textContent = found.done && found.answer !== null ? note(found) : "";
}

function why({ reason, citations }) {
  if (!reason || reason === "not-in-documents") {
    return citations.length
      ? "Not in the documents. These passages come nearest."
      : "Not in the documents. Nothing in them answers this question.";
  }
  return REASONS[reason] ?? NO_MODEL;
}

function sentence({ text, sources }) {
  const links = sources.map((number) =>
    make("a", { href: `#source-${number}`, className: "cite", "aria-label": `Source ${number}` }, `${number}`),
  );
  return [`${text} `, ...links, " "];
}

function note({ extractor, model, usd }) {
  const who = model
    ? `Written by ${model} from these sources.`
    : "A sentence of the documents, word for word.";
  const how = extractor === "offline" ? " Names were found by rules, without a model." : "";
  return who + how + (usd ? ` This answer cost ${money(usd)}.` : "");
}
