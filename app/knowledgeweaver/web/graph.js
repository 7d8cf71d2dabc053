// The graph around an answer: a picture by cytoscape.js, and the same as a list.

import { at, make, plural } from "./dom.js";
import { places } from "./layout.js";
import { Failure, json } from "./service.js";

/** Names of the answer that are asked for, and the most nodes that are shown around them. */
const GIVEN = 40;
const NODES = 120;
/** From so many nodes on, the picture is one of the whole, and is moved without its edges. */
const MANY = 500;
/** The least zoom in which labels can be read, and the most that a few names are blown up to. */
const READABLE = 0.6;
const LARGE = 1.2;
const WORDS = { alike: "is perhaps the same as", in: "stands in", fact: "is related to" };

let drawn = null;

/** Cytoscape.js: half a megabyte for those who ask, loaded while they wait for the answer. */
export async function library() {
  return (await import("./vendor/cytoscape.esm.min.mjs")).default;
}

/** Fetch and show what stands around some names; those in `said` stand out. */
export async function showGraph(names, said) {
  at("graph-part").hidden = false;
  at("graph-error").textContent = "";
  at("graph-status").textContent = "Looking around the answer …";
  const query = new URLSearchParams(names.slice(0, GIVEN).map((name) => ["name", name]));
  query.set("limit", NODES);
  try {
    const graph = await json(`graph?${query}`);
    await draw(at("graph"), graph, new Set(said));
    list(graph);
    const more = graph.more ? `; ${graph.more.toLocaleString("en")} more are near` : "";
    at("graph-status").textContent =
      `${plural(graph.names.length, "name")} and ${plural(graph.documents.length, "document")}${more}.`;
  } catch (error) {
    at("graph-status").textContent = "";
    at("graph-error").textContent = error instanceof Failure ? error.message : "The graph cannot be drawn here.";
  }
}

/** Draw a graph into an element; resolves when it is on the screen, to the picture. */
export async function draw(element, graph, said) {
  const cytoscape = await library();
  const nodes = [
    ...graph.names.map(({ key, name }) => [key, name, said.has(name) ? "asked" : "name"]),
    ...graph.documents.map(({ id, name, title }) => [id, title || name, "document"]),
  ];
  const asked = new Set(nodes.filter(([, , kind]) => kind === "asked").map(([id]) => id));
  const index = new Map(nodes.map(([id], i) => [id, i]));
  const pairs = graph.edges.map(({ source, target }) => [index.get(source), index.get(target)]);
  const found = places(nodes.length, pairs, element.clientWidth / element.clientHeight);
  drawn?.destroy();
  drawn = cytoscape({
    container: element,
    elements: [
      ...nodes.map(([id, label, kind], i) => ({ data: { id, label }, classes: kind, position: found[i] })),
      ...graph.edges.map(({ source, target, kind, label }) => ({ data: label ? { source, target, label } : { source, target }, classes: asked.has(source) && asked.has(target) ? `${kind} told` : kind })),
    ],
    layout: { name: "preset", fit: true, padding: 40 },
    style: looks(element, nodes.length > MANY),
    minZoom: 0.02,
    maxZoom: 4,
    pixelRatio: nodes.length > MANY ? 1 : "auto",
    // A wheel goes on scrolling the page; there are buttons for it.
    userZoomingEnabled: matchMedia("(pointer: coarse)").matches,
    hideEdgesOnViewport: nodes.length > MANY,
    textureOnViewport: nodes.length > MANY,
  });
  if (nodes.length <= MANY && drawn.zoom() < READABLE) {
    drawn.zoom(READABLE);
    drawn.center(drawn.$(".asked").max((node) => node.degree(false)).ele);
  }
  if (drawn.zoom() > LARGE) {
    drawn.zoom(LARGE);
    drawn.center();
  }
  // What is said of all at once, nobody could read.
  drawn.on("tap", "node", ({ target }) => {
    drawn.edges().removeClass("told");
    target.connectedEdges().addClass("told");
  });
  return drawn;
}

/**
 * Colours come from the page's stylesheet, so that light and dark are decided in one place. What
 * nobody could read among very many nodes is not drawn: labels of all but few, and arrows.
 */
function looks(element, many) {
  const colour = (name) => getComputedStyle(element).getPropertyValue(name).trim();
  const text = {
    label: "data(label)",
    color: colour("--text"),
    "font-family": "system-ui, sans-serif",
    "font-size": 12,
    "min-zoomed-font-size": 7,
    "text-wrap": "ellipsis",
    "text-max-width": 150,
  };
  const halo = { "text-outline-color": colour("--panel"), "text-outline-width": 2 };
  const plain = [
    {
      selector: "node",
      style: { width: 16, height: 16, "background-color": colour("--name") },
    },
    { selector: ".asked", style: { width: 24, height: 24, "background-color": colour("--accent") } },
    { selector: ".document", style: { shape: "round-rectangle", width: 20, "background-color": colour("--document") } },
    { selector: "edge", style: { width: 1.5, "line-color": colour("--line"), "curve-style": "haystack" } },
    { selector: ".fact", style: { "line-color": colour("--name") } },
  ];
  if (many) return plain;
  return [
    ...plain,
    { selector: "node", style: { ...text, ...halo, "text-valign": "bottom", "text-margin-y": 4 } },
    { selector: ".asked", style: { "font-weight": "bold" } },
    { selector: ".alike", style: { "line-style": "dashed" } },
    {
      selector: ".fact",
      style: { "curve-style": "straight", "target-arrow-shape": "triangle", "target-arrow-color": colour("--name"), "arrow-scale": 0.8 },
    },
    { selector: ".told[label]", style: { ...text, ...halo, "font-size": 10, color: colour("--quiet") } },
  ];
}

function list({ names, documents, edges }) {
  const called = new Map([
    ...names.map(({ key, name }) => [key, name]),
    ...documents.map(({ id, name, title }) => [id, title || name]),
  ]);
  const lines = edges.map(({ source, target, kind, label }) =>
    make("li", {}, `${called.get(source)} ${label || WORDS[kind]} ${called.get(target)}`),
  );
  at("graph-list").replaceChildren(...lines);
}

const zoom = (factor) => () => {
  if (!drawn) return;
  const middle = { x: drawn.width() / 2, y: drawn.height() / 2 };
  drawn.zoom({ level: drawn.zoom() * factor, renderedPosition: middle });
};
at("graph-in").addEventListener("click", zoom(1.4));
at("graph-out").addEventListener("click", zoom(1 / 1.4));
at("graph-fit").addEventListener("click", () => drawn?.fit(undefined, 40));
// The picture holds colours of one scheme; draw it in those of the other.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  drawn?.style(looks(at("graph"), drawn.nodes().length > MANY));
});
