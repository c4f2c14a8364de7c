import { relative } from "node:path";
import { inside, invalidProject, type ReynsError, type Place } from "../../errors.ts";
import type { DescribedStart, Dependency } from "../describe/described-start.ts";
import { findCycle } from "../../lib/graph.ts";

/** An error for the first circle of instances that wait for each other, with its whole way and where each is defined. */
export function cycleErrors(described: readonly DescribedStart[], folder: string): ReynsError[] {
  const byHost = new Map(described.map((one) => [one.step.host, one]));
  const nodes = described.map(({ step: { host }, dependencies: waits }) => ({
    id: host,
    after: waits.map((wait) => wait.host),
  }));
  const cycle = findCycle(nodes);
  if (!cycle) return [];
  const way = cycle
    .slice(0, -1)
    .map((host, index) => edgeText(byHost.get(host), cycle[index + 1] ?? "", folder));
  const message = `instances wait for each other in a circle: ${cycle.join(" -> ")}`;
  const hint = `${way.join("\n")}\ntake out one of these`;
  const at = placeOfWait(byHost.get(cycle[0] ?? ""), cycle[1] ?? "");
  return [invalidProject(message, hint, at)];
}

/** The key of the definition by which it waits; nobody writes down that it waits for its DNS. */
function placeOfWait(one: DescribedStart | undefined, to: string): Place | undefined {
  const at = one?.placed.selected.definition.at;
  const kind = waitOf(one, to)?.kind;
  if (!at || !kind || kind === "dns") return at;
  return inside(at, keys[kind]);
}

function waitOf(one: DescribedStart | undefined, to: string): Dependency | undefined {
  return one?.dependencies.find(({ host }) => host === to);
}

const keys = { link: "links", after: "after", router: "route", network: "networkMode" } as const;

const verbs: Readonly<Record<Dependency["kind"], string>> = {
  link: "links to",
  after: "comes after",
  dns: "registers with",
  router: "is routed by",
  network: "shares the network of",
};

function edgeText(one: DescribedStart | undefined, to: string, folder: string): string {
  const wait = waitOf(one, to);
  const { file, line } = one?.placed.selected.definition.at ?? { file: folder };
  const place = [relative(folder, file), line].filter((part) => part !== undefined).join(":");
  return `${one?.step.host} ${wait ? verbs[wait.kind] : "waits for"} ${to} (${place})`;
}
