/** A directed graph: each node with the nodes that its arrows lead to. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

export type Arrow = readonly [from: string, to: string];

/** The graph of some arrows; an arrow from a node to itself says nothing and is left out. */
export function graphOf(nodes: Iterable<string>, arrows: Iterable<Arrow>): Graph {
  const graph = new Map([...nodes].map((node) => [node, new Set<string>()]));
  for (const [from, to] of arrows) if (from !== to && graph.has(to)) graph.get(from)?.add(to);
  return graph;
}

export const arrowsOf = (graph: Graph): Arrow[] =>
  [...graph].flatMap(([from, targets]) => [...targets].map((to): Arrow => [from, to]));

/** Every node that can be reached from a node, by one arrow or more. */
function reachedFrom(graph: Graph, start: string): Set<string> {
  const reached = new Set<string>();
  const waiting = [...(graph.get(start) ?? [])];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    waiting.push(...(graph.get(node) ?? []));
  }
  return reached;
}

/** The circles of a graph: each is a set of nodes that all reach one another. */
export function circlesOf(graph: Graph): string[][] {
  const reach = new Map([...graph.keys()].map((node) => [node, reachedFrom(graph, node)]));
  const circles = new Map<string, string[]>();
  for (const [node, reached] of reach) {
    if (!reached.has(node)) continue;
    const circle = [...reached].filter((other) => reach.get(other)?.has(node)).sort();
    circles.set(circle.join(), circle);
  }
  return [...circles.values()];
}

/**
 * The arrows that run back up, in the order of nodes that leaves the fewest of them, as far as a greedy search finds it.
 *
 * @see Eades, Lin, Smyth: A fast and effective heuristic for the feedback arc set problem (1993)
 */
export function arrowsBackUp(graph: Graph): Arrow[] {
  // an arrow out of a circle, or into one, runs down in every order that is good
  const arrows = arrowsOf(graph).filter(([from, to]) => reachedFrom(graph, to).has(from));
  const rest = new Set(graph.keys());
  const above: string[] = [];
  const below: string[] = [];
  const among = (pick: 0 | 1, node: string) =>
    arrows.filter((arrow) => arrow[pick] === node && rest.has(arrow[pick === 0 ? 1 : 0])).length;
  while (rest.size > 0) {
    const nodes = [...rest];
    const sink = nodes.find((node) => among(0, node) === 0);
    const excess = (node: string) => among(0, node) - among(1, node);
    const next = sink ?? nodes.reduce((best, node) => (excess(node) > excess(best) ? node : best));
    rest.delete(next);
    if (sink !== undefined) below.unshift(next);
    else above.push(next);
  }
  const place = new Map([...above, ...below].map((node, index) => [node, index]));
  return arrows.filter(([from, to]) => (place.get(from) as number) > (place.get(to) as number));
}
