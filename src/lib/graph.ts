/** A node that comes after others, by id. */
export interface Node {
  readonly id: string;
  readonly after: readonly string[];
}

/** Finds a cycle: the ids along it, with the first repeated at the end; undefined if there is none. */
export function findCycle(nodes: readonly Node[]): string[] | undefined {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (id: string): string[] | undefined => {
    if (done.has(id)) return undefined;
    const start = path.indexOf(id);
    if (start >= 0) return [...path.slice(start), id];
    path.push(id);
    for (const next of byId.get(id)?.after ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(id);
    return undefined;
  };
  for (const { id } of nodes) {
    const cycle = visit(id);
    if (cycle) return cycle;
  }
  return undefined;
}

/** The ids of all nodes that a node comes after, directly or by way of others; itself only if it is part of a cycle. */
export function nodesBefore(nodes: readonly Node[], id: string): Set<string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const found = new Set<string>();
  const queue = [id];
  for (let current = queue.pop(); current !== undefined; current = queue.pop())
    for (const next of byId.get(current)?.after ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      queue.push(next);
    }
  return found;
}

/**
 * Finds the longest chain of nodes that wait for a node, ending with the node itself.
 *
 * @example
 * longestChainTo([{ id: "db", after: [] }, { id: "web", after: ["db"] }], "db") // ["web", "db"]
 */
export function longestChainTo(nodes: readonly Node[], id: string): string[] {
  const waiters = new Map<string, string[]>();
  for (const node of nodes)
    for (const before of node.after) waiters.set(before, [...(waiters.get(before) ?? []), node.id]);
  const cache = new Map<string, string[]>();
  const chainTo = (target: string): string[] => {
    const cached = cache.get(target);
    if (cached) return cached;
    const chains = (waiters.get(target) ?? []).map(chainTo);
    const longest = chains.reduce((best, chain) => (chain.length > best.length ? chain : best), []);
    const chain = [...longest, target];
    cache.set(target, chain);
    return chain;
  };
  return chainTo(id);
}
