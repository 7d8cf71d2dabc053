// The documents: a list by pages, what they cost, and taking one away.

import { at, make, money, plural } from "./dom.js";
import { Failure, json, request } from "./service.js";
import { startUploads } from "./upload.js";
import { standing } from "./states.js";

const PAGE = 20;

export function startDocuments(unkeyed) {
  let after = null;
  let shown = [];
  let doomed = null;

  const fail = (error) => {
    if (!unkeyed(error)) at("documents-error").textContent = error.message;
  };

  async function load(fresh) {
    at("documents-error").textContent = "";
    const from = fresh ? "" : `&after=${encodeURIComponent(after)}`;
    try {
      const page = await json(`documents?limit=${PAGE}${from}`);
      shown = fresh ? page.documents : [...shown, ...page.documents];
      after = page.after;
      draw();
      await cost();
    } catch (error) {
      fail(error);
    }
  }

  function draw() {
    at("documents").replaceChildren(...shown.map(row));
    at("more").hidden = !after;
    at("documents-status").textContent = shown.length
      ? `${plural(shown.length, "document")}${after ? ", and more" : ""}.`
      : "No documents yet. Add the first one above.";
  }

  function row(one) {
    const remove = make("button", { type: "button", className: "quiet" }, "Delete");
    remove.setAttribute("aria-label", `Delete ${one.name}`);
    remove.addEventListener("click", () => {
      doomed = one;
      at("sure-text").textContent = `${one.name} and everything that only it says will be gone.`;
      at("sure").showModal();
    });
    return make(
      "li",
      { className: `document ${one.state}` },
      make(
        "div",
        {},
        make("p", { className: "name" }, one.title || one.name),
        make("p", { className: "note" }, one.title && one.title !== one.name ? `${one.name} · ${standing(one)}` : standing(one)),
      ),
      remove,
    );
  }

  async function cost() {
    const documents = shown.reduce((sum, one) => sum + one.usd, 0);
    const listed = `Reading the documents listed here cost ${money(documents)}.`;
    try {
      const { usd_today: today, usd_a_day: most } = await json("stats");
      const limit = most ? ` of at most ${money(most)}` : "";
      at("cost").textContent = `Models cost ${money(today)} today${limit}. ${listed}`;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      at("cost").textContent = listed;
    }
  }

  at("refresh").addEventListener("click", () => load(true));
  at("more").addEventListener("click", async () => {
    const before = shown.length;
    await load(false);
    // the button may be gone; go on reading where the new ones begin
    at("documents").children[before]?.querySelector("button").focus();
  });
  at("keep").addEventListener("click", () => at("sure").close());
  at("delete").addEventListener("click", async () => {
    at("sure").close();
    try {
      await request(`documents/${encodeURIComponent(doomed.id)}`, { method: "DELETE" });
    } catch (error) {
      fail(error);
      return;
    }
    await load(true);
    at("documents-status").textContent = `${doomed.name} was deleted.`;
    at("documents-title").focus();
  });

  startUploads(fail, () => load(true));
  return { reload: () => load(true) };
}
