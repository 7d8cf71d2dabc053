// A source of an answer: where it stands, the sentence, and the text around it, opened in place.

import { make } from "./dom.js";
import { json } from "./service.js";

/** Passages that are read before and after the cited one when it opens, and by each button. */
const AROUND = 1;

/** A list item for one citation; `number` counts from 1. */
export function source(citation, number) {
  const panel = make("div", { id: `text-${number}`, className: "opened" });
  const button = make("button", { type: "button", className: "quiet", "aria-controls": panel.id });
  const say = (open) => {
    const words = open ? "Close" : "Open there";
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    button.textContent = words;
    button.setAttribute("aria-label", `${words}: ${citation.title || citation.document}`);
  };
  say(false);
  button.addEventListener("click", () => {
    say(panel.hidden);
    if (!panel.hasChildNodes()) new Reader(panel, citation).open();
  });
  return make(
    "li",
    { id: `source-${number}`, tabIndex: -1 },
    make("blockquote", {}, citation.sentence || citation.text),
    make("div", { className: "title-row" }, make("p", { className: "note" }, place(citation)), button),
    panel,
  );
}

function place({ title, document: name, section, page, start, end, sentence_start, sentence_end }) {
  const parts = [title || name];
  if (title && title !== name) parts.push(name);
  if (section) parts.push(section);
  if (page !== null && page !== undefined) parts.push(`page ${page}`);
  parts.push(`characters ${sentence_start ?? start}–${sentence_end ?? end}`);
  return parts.join(" · ");
}

/** The text of a document around a citation. */
class Reader {
  constructor(panel, citation) {
    this.citation = citation;
    this.text = make("div", { className: "text", tabIndex: 0, role: "region" });
    this.text.setAttribute("aria-label", `Text of ${citation.title || citation.document}`);
    this.error = make("p", { className: "error", role: "alert" });
    this.before = this.button("Earlier text", () => this.earlier());
    this.after = this.button("Later text", () => this.later());
    panel.append(this.before, this.text, this.after, this.error);
  }

  button(name, act) {
    const made = make("button", { type: "button", className: "quiet", hidden: true }, name);
    made.addEventListener("click", act);
    return made;
  }

  async open() {
    const cited = this.citation.chunk;
    this.first = Math.max(1, cited - AROUND);
    this.last = this.first - 1;
    await this.add(this.first, cited + AROUND - this.first + 1, true);
    const mark = this.text.querySelector("mark");
    if (mark) this.text.scrollTop = mark.offsetTop - this.text.offsetTop - this.text.clientHeight / 3;
  }

  async earlier() {
    const from = Math.max(1, this.first - AROUND);
    const kept = this.text.scrollHeight - this.text.scrollTop;
    await this.add(from, this.first - from, false);
    this.text.scrollTop = this.text.scrollHeight - kept;
    if (this.before.hidden) this.text.focus();
  }

  async later() {
    await this.add(this.last + 1, AROUND, true);
    if (this.after.hidden) this.text.focus();
  }

  async add(first, limit, below) {
    this.error.textContent = "";
    let passages;
    try {
      // one more than is shown says whether the document goes on
      const id = encodeURIComponent(this.citation.document_id);
      ({ passages } = await json(`documents/${id}/passages?first=${first}&limit=${limit + 1}`));
    } catch (error) {
      this.error.textContent = error.message;
      return;
    }
    const shown = passages.slice(0, limit).map((passage) => this.paragraph(passage));
    if (below) {
      this.text.append(...shown);
      this.last = first + limit - 1;
      this.after.hidden = passages.length <= limit;
    } else {
      this.text.prepend(...shown);
    }
    this.first = Math.min(this.first, first);
    this.before.hidden = this.first <= 1;
  }

  /** A passage; where it is the cited one, the cited characters are marked. */
  paragraph({ chunk, start, text }) {
    const cited = this.citation;
    const made = make("p");
    if (chunk !== cited.chunk) {
      made.textContent = text;
      return made;
    }
    made.className = "cited";
    // Positions count characters as Python does; JavaScript counts some twice.
    const signs = Array.from(text);
    const [from, to] = [(cited.sentence_start ?? cited.start) - start, (cited.sentence_end ?? cited.end) - start];
    const part = (a, b) => signs.slice(a, b).join("");
    made.append(part(0, from), make("mark", {}, part(from, to)), part(to));
    return made;
  }
}
