// Bringing documents: by the button or dropped, one after the other, each followed until it ended.

import { at, make, plural } from "./dom.js";
import { events, failure, key, request } from "./service.js";
import { ENDED, standing } from "./states.js";

/** Milliseconds until one looks again at a document whose events broke off. */
const AGAIN = 2000;

export function startUploads(fail, changed) {
  let last = Promise.resolve();
  let all = 0;
  let ready = 0;
  let ended = 0;

  function tell() {
    const failed = ended > ready ? `, ${ended - ready} failed` : "";
    at("uploads-status").textContent = `${ready} of ${plural(all, "file")} ready${failed}.`;
  }

  function take(files) {
    at("uploads").querySelectorAll(".ended").forEach((line) => line.remove());
    if (ended === all) all = ready = ended = 0;
    all += files.length;
    tell();
    for (const file of files) {
      const line = new Line(file.name);
      last = last.then(async () => {
        const state = await bring(file, line);
        ended += 1;
        if (state === "done") ready += 1;
        tell();
        await changed();
      });
    }
  }

  /** Send and follow one file; the state in which it ended, "" where it did not even come there. */
  async function bring(file, line) {
    try {
      const [stored] = JSON.parse(await send(file, (share) => line.sending(share)));
      line.show(stored);
      return await follow(stored, (now) => line.show(now));
    } catch (error) {
      line.failed(error.message);
      if (error.status === 401) fail(error);
      return "";
    }
  }

  const zone = at("drop");
  at("files").addEventListener("change", ({ target }) => {
    take([...target.files]);
    target.value = "";
  });
  // Without this a file that misses the zone would replace the page.
  for (const name of ["dragover", "drop"]) {
    window.addEventListener(name, (event) => event.preventDefault());
  }
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, () => zone.classList.add("over"));
  }
  for (const name of ["dragleave", "drop"]) {
    zone.addEventListener(name, () => zone.classList.remove("over"));
  }
  zone.addEventListener("drop", (event) => take([...event.dataTransfer.files]));
}

/** Send one file; `progress` gets the share that has left, from 0 to 1. fetch could not tell it. */
function send(file, progress) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("POST", `documents/batch?name=${encodeURIComponent(file.name)}`);
    sending.setRequestHeader("x-api-key", key() ?? "");
    // As JSON it would be taken for the interface's own shape; its content says what it is anyway.
    const type = file.type === "application/json" ? "" : file.type;
    sending.setRequestHeader("content-type", type || "application/octet-stream");
    sending.upload.addEventListener("progress", (event) => progress(event.loaded / event.total));
    sending.addEventListener("error", () => reject(failure(0, "")));
    sending.addEventListener("load", () => {
      const { status, responseText: body } = sending;
      if (status < 300) resolve(body);
      else reject(failure(status, body, sending.getResponseHeader("retry-after")));
    });
    sending.send(file);
  });
}

/** Tell `show` how far a document is until nobody is at work on it any more; its last state. */
async function follow(stored, show) {
  let state = stored.state;
  while (!ENDED.has(state)) {
    const answer = await request(`documents/${encodeURIComponent(stored.id)}/events`);
    for await (const { event, data } of events(answer)) {
      if (event === "gone") return "";
      state = data.state;
      show(data);
    }
    if (!ENDED.has(state)) await new Promise((wait) => setTimeout(wait, AGAIN));
  }
  return state;
}

/** The line that shows one upload. */
class Line {
  constructor(name) {
    this.bar = make("progress", { max: 1, value: 0 });
    this.bar.setAttribute("aria-label", `Progress of ${name}`);
    this.words = make("p", { className: "note" }, "Waiting to be sent");
    this.item = make("li", {}, make("p", { className: "name" }, name), this.bar, this.words);
    at("uploads").append(this.item);
  }

  sending(share) {
    // Half of the way is sending, the other half is reading.
    this.bar.value = share / 2;
    this.words.textContent = share < 1 ? "Sending" : "Sent";
  }

  show(now) {
    const { state, chunks, extracted } = now;
    if (state === "done" && now.created !== false) {
      this.item.remove(); // the list of documents has it from now on
      return;
    }
    this.bar.value = ENDED.has(state) ? 1 : 0.5 + (chunks ? extracted / chunks / 2 : 0);
    this.words.textContent = state === "done" ? "Known already, nothing has changed" : standing(now);
    this.item.classList.toggle("error", state === "failed" || state === "over-budget");
    if (ENDED.has(state)) this.end();
  }

  failed(message) {
    this.item.classList.add("error");
    this.words.textContent = message;
    this.end();
  }

  /** It is read until more is brought. */
  end() {
    this.bar.hidden = true;
    this.item.classList.add("ended");
  }
}
