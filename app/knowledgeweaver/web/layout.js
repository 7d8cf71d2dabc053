// Places for the nodes of a graph: by forces, the same every time, and fast enough to wait for.
//
// Nodes push each other away as far as a cell of a grid is wide, edges pull, and the middle pulls
// a little, so that parts that nothing joins stay near. So a round costs what the nodes and edges
// are, not the square of them. They start in rings around the first one, by their distance from it.

/** The length that an edge would like to have, in pixels. */
const LENGTH = 80;
/** How far nodes push each other away. */
const REACH = LENGTH * 1.5;
/** The share of its way to the middle that a node is pulled in a round. */
const MIDDLE = 0.012;
const ROUNDS = { few: 300, many: 30, from: 400 };

/**
 * Places, as {x, y} by index, for `count` nodes and `edges` as pairs of indexes, in a picture that
 * is `wide` times as wide as it is high.
 */
export function places(count, edges, wide = 1) {
  const { x, y } = rings(count, edges);
  const rounds = count < ROUNDS.from ? ROUNDS.few : ROUNDS.many;
  const degree = new Float64Array(count);
  for (const [a, b] of edges) {
    degree[a] += 1;
    degree[b] += 1;
  }
  const dx = new Float64Array(count);
  const dy = new Float64Array(count);
  for (let round = 0; round < rounds; round += 1) {
    dx.fill(0);
    dy.fill(0);
    push(x, y, dx, dy);
    pull(x, y, dx, dy, edges, degree);
    const most = LENGTH * (1 - round / rounds) + 1;
    for (let i = 0; i < count; i += 1) {
      dx[i] -= x[i] * MIDDLE;
      dy[i] -= y[i] * MIDDLE;
      const far = Math.hypot(dx[i], dy[i]);
      const scale = far > most ? most / far : 1;
      x[i] += dx[i] * scale;
      y[i] += dy[i] * scale;
    }
  }
  return Array.from(x, (left, i) => ({ x: left * Math.max(1, wide * 0.75), y: y[i] }));
}

/** Rings around the first node; what it does not reach comes last. */
function rings(count, edges) {
  const near = Array.from({ length: count }, () => []);
  for (const [a, b] of edges) {
    near[a].push(b);
    near[b].push(a);
  }
  const order = [];
  const seen = new Uint8Array(count);
  for (let start = 0; start < count; start += 1) {
    if (seen[start]) continue;
    seen[start] = 1;
    order.push(start);
    for (let i = order.length - 1; i < order.length; i += 1) {
      for (const next of near[order[i]]) {
        if (seen[next]) continue;
        seen[next] = 1;
        order.push(next);
      }
    }
  }
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  // A sunflower's seeds: even, and no two on one ray.
  order.forEach((node, i) => {
    const [angle, far] = [i * 2.399963, LENGTH * 0.35 * Math.sqrt(i)];
    x[node] = Math.cos(angle) * far;
    y[node] = Math.sin(angle) * far;
  });
  return { x, y };
}

/** Nodes in cells that touch push each other away. */
function push(x, y, dx, dy) {
  const cells = new Map();
  for (let i = 0; i < x.length; i += 1) {
    const at = Math.floor(x[i] / REACH) * 65536 + Math.floor(y[i] / REACH);
    if (cells.has(at)) cells.get(at).push(i);
    else cells.set(at, [i]);
  }
  for (const [at, here] of cells) {
    for (const step of [0, 1, 65535, 65536, 65537]) {
      const there = step ? cells.get(at + step) : here;
      if (!there) continue;
      for (let i = 0; i < here.length; i += 1) {
        const a = here[i];
        for (let j = step ? 0 : i + 1; j < there.length; j += 1) {
          const b = there[j];
          const [gx, gy] = [x[a] - x[b], y[a] - y[b]];
          const square = gx * gx + gy * gy;
          if (square > REACH * REACH) continue;
          // nothing at the end of its reach, or nodes would line up where cells end
          const force = LENGTH * LENGTH * (1 / Math.max(square, 1) - 1 / (REACH * REACH));
          dx[a] += gx * force;
          dy[a] += gy * force;
          dx[b] -= gx * force;
          dy[b] -= gy * force;
        }
      }
    }
  }
}

/** Edges pull their ends together, those of busy nodes less, or all would lie on one heap. */
function pull(x, y, dx, dy, edges, degree) {
  for (const [a, b] of edges) {
    const [gx, gy] = [x[b] - x[a], y[b] - y[a]];
    const far = Math.hypot(gx, gy);
    const force = Math.max(0, far - LENGTH / 2) / (LENGTH * Math.sqrt(Math.min(degree[a], degree[b])));
    dx[a] += gx * force;
    dy[a] += gy * force;
    dx[b] -= gx * force;
    dy[b] -= gy * force;
  }
}
