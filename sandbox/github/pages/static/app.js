// Keeps an open page up to date without flicker: it asks for news, fetches the page again, and
// replaces only the parts (data-live) that differ, keeping what the reader opened or typed.
(() => {
  "use strict";
  document.documentElement.classList.add("js");
  let version = Number(document.body.dataset.version);
  const pristine = new Map();
  const parts = (root) => root.querySelectorAll("[data-live]");
  // Relative times change all the time; they alone are no reason to redraw.
  const face = (part) => part.innerHTML.replace(/<time\b[^>]*>[^<]*<\/time>/g, "<time>");
  parts(document).forEach((part) => pristine.set(part.dataset.live, face(part)));

  const busy = (part) => {
    const active = document.activeElement;
    return part.contains(active) && active.matches("input, textarea, select");
  };

  const identity = (element) => element.id || element.querySelector("summary")?.textContent;

  // What a person was told about their own click stays until their next one: "told" is theirs.
  const redraw = (html, told) => {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    // An older page that took its time must not undo what a newer one has shown.
    if (!told && Number(fresh.body.dataset.version) < version) return;
    parts(fresh).forEach((next) => {
      const name = next.dataset.live;
      const part = document.querySelector(`[data-live="${name}"]`);
      const text = face(next);
      if (!part || busy(part) || (name === "told" && !told) || pristine.get(name) === text) return;
      const opened = new Map();
      part.querySelectorAll("details").forEach((d) => opened.set(identity(d), d.open));
      const focus = part.contains(document.activeElement) && document.activeElement.textContent;
      const scrolls = [...part.querySelectorAll(".scroll")].map((s) => [s.scrollLeft, s.scrollTop]);
      part.innerHTML = next.innerHTML;
      part.querySelectorAll("details").forEach((d) => {
        if (opened.has(identity(d))) d.open = opened.get(identity(d)) || d.open;
      });
      part.querySelectorAll(".scroll").forEach((s, i) => {
        if (scrolls[i]) [s.scrollLeft, s.scrollTop] = scrolls[i];
      });
      if (focus) {
        const same = [...part.querySelectorAll("a, button")].find((e) => e.textContent === focus);
        same?.focus({ preventScroll: true });
      }
      pristine.set(name, text);
    });
    version = Math.max(version, Number(fresh.body.dataset.version));
    document.title = fresh.title;
  };

  const refresh = async () => {
    const answer = await fetch(location.pathname + location.search, { cache: "no-store" });
    if (answer.ok) redraw(await answer.text(), false);
  };

  const listen = async () => {
    for (;;) {
      try {
        const answer = await fetch(`/_news?seen=${version}`, { cache: "no-store" });
        const news = await answer.json();
        if (news.version !== version) {
          version = news.version;
          await refresh();
          await new Promise((done) => setTimeout(done, 300));
        }
      } catch {
        await new Promise((done) => setTimeout(done, 2000));
      }
    }
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.submit();
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.matches("[data-plain]") || form.method !== "post") return;
    event.preventDefault();
    const button = event.submitter;
    const fields = new URLSearchParams(new FormData(form, button));
    const target = button?.getAttribute("formaction") || form.getAttribute("action");
    button?.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(target, { method: "POST", body: fields });
      const there = new URL(answer.url);
      if (there.pathname !== location.pathname) {
        location.assign(answer.url);
        return;
      }
      if (!there.searchParams.has("error")) form.reset();
      if (form.contains(document.activeElement)) document.activeElement.blur();
      redraw(await answer.text(), true);
    } finally {
      button?.removeAttribute("aria-busy");
    }
  });

  listen();
})();
