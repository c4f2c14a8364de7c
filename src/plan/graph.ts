/** Anything that may only come after others, by id. */
export interface Node {
  readonly id: string;
  readonly after: readonly string[];
}

/** The first circle found, as the ids along it with the first repeated at the end; undefined when there is none. */
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
