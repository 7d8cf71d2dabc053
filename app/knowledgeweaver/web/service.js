// The service behind the page: its key, its routes, its errors in plain words.

const KEPT = "knowledgeweaver-key";

export const key = () => sessionStorage.getItem(KEPT);
export const keep = (value) => sessionStorage.setItem(KEPT, value);
export const forget = () => sessionStorage.removeItem(KEPT);

/** What the page says when something fails; `status` is 0 where no answer came. */
export class Failure extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const WORDS = {
  0: "The service does not answer. Check your connection and try again.",
  401: "This key is not accepted.",
  403: "This key does not allow that.",
  404: "That is no longer there.",
  413: "That is too large for this service.",
  415: "The service cannot read this kind of file.",
  422: "The service did not understand this.",
  429: "Too many requests.",
  503: "The service cannot reach its store. Try again in a moment.",
};

/** A failure from an answer that is no success; its problem+json says more than its number. */
export function failure(status, body, retry) {
  let detail = "";
  try {
    detail = JSON.parse(body).detail ?? "";
  } catch {
    // something in between answered, a load balancer perhaps
  }
  const words = WORDS[status] ?? "Something went wrong in the service; it was logged there.";
  const more = status === 413 || status === 422 || status === 429 ? ` ${detail}` : "";
  const wait = retry ? ` Wait ${retry} seconds.` : "";
  return new Failure(status, `${words}${more}${wait}`);
}

/** Ask one route by its relative address; raises Failure. */
export async function request(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      ...options,
      cache: "no-store",
      headers: { "x-api-key": key() ?? "", ...options.headers },
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure(0, WORDS[0]);
  }
  if (!answer.ok) {
    throw failure(answer.status, await answer.text(), answer.headers.get("retry-after"));
  }
  return answer;
}

export const json = async (path, options) => (await request(path, options)).json();

/** Server-sent events of an answer, as {event, data}; raises Failure when it breaks off. */
export async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    let part;
    try {
      part = await reader.read();
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Failure(0, "The answer broke off. Try again.");
    }
    if (part.done) return;
    const blocks = (held + part.value).replaceAll("\r\n", "\n").split("\n\n");
    held = blocks.pop();
    for (const block of blocks) {
      const found = parsed(block);
      if (found) yield found;
    }
  }
}

function parsed(block) {
  let event = "message";
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
  }
  return data.length ? { event, data: JSON.parse(data.join("\n")) } : null;
}
