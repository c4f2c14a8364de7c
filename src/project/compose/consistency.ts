import { findCycle } from "../../lib/graph.ts";
import { didYouMean } from "../../lib/suggest.ts";
import { asWarnings, type ComposeReport } from "./report.ts";
import { entriesOf, itemsOf, textOf, type SourceMap, type SourceNode } from "./source-node.ts";

interface Checking {
  readonly file: SourceMap;
  readonly enabled: ReadonlySet<string>;
  readonly report: ComposeReport;
}

/** Checks what services refer to, and what excludes each other. For those that no profile selects, these are warnings. */
export function checkConsistency(checking: Checking): void {
  const { file, enabled, report } = checking;
  const services = entriesOf(file.entries.get("services"));
  // What is missing may be what could not be read.
  const isWhole = !report.hasErrors();
  for (const [name, service] of services) {
    if (service.kind !== "map") continue;
    const own = enabled.has(name) ? checking : { ...checking, report: asWarnings(report) };
    if (isWhole) checkSource(name, service, own.report);
    checkDependencies(name, service, own);
    checkReferences(name, service, own);
    checkExclusions(name, service, own.report);
    checkTargets(name, service, own.report);
  }
  const nodes = [...services].map(([id, service]) => ({
    id,
    after: [...entriesOf(entriesOf(service).get("depends_on")).keys()],
  }));
  const cycle = findCycle(nodes.filter(({ id }) => enabled.has(id)));
  const first = services.get(cycle?.[0] ?? "");
  if (!cycle || !first) return;
  report.error(
    entriesOf(first).get("depends_on")?.at ?? first.at,
    `services depend on each other in a circle: ${cycle.join(" -> ")}`,
  );
}

function checkSource(name: string, service: SourceMap, report: ComposeReport): void {
  if (["image", "build", "provider"].some((key) => service.entries.has(key))) return;
  report.error(
    service.at,
    `services.${name} has no image and no build`,
    "add image: NAME or build: .",
  );
}

function checkDependencies(
  name: string,
  service: SourceMap,
  { file, enabled, report }: Checking,
): void {
  const services = entriesOf(file.entries.get("services"));
  for (const [needed, dependency] of entriesOf(service.entries.get("depends_on"))) {
    // Two services of one profile are selected together.
    const isHidden = !enabled.has(name) && services.has(needed);
    if (enabled.has(needed) || isHidden) continue;
    const isOptional = textOf(dependency, "required") === "false";
    if (services.has(needed) && isOptional) continue;
    const problem = services.has(needed)
      ? `"${needed}", which no profile selects`
      : `"${needed}", which is not defined`;
    const hint = services.has(needed)
      ? "name one of its profiles in COMPOSE_PROFILES, or write required: false"
      : didYouMean(needed, services.keys());
    report.error(dependency.at, `services.${name} depends on ${problem}`, hint);
  }
}

/** Field of a service -> section of the file that has to define what it names. */
function referencesOf(service: SourceMap): (readonly [string, string, SourceNode])[] {
  const { entries } = service;
  const bySource = (field: SourceNode | undefined, section: string) =>
    itemsOf(field).flatMap((item) => {
      const source = textOf(item, "source");
      return source === undefined ? [] : [[section, source, item] as const];
    });
  const named = itemsOf(entries.get("volumes")).filter((item) => textOf(item, "type") === "volume");
  return [
    ...[...entriesOf(entries.get("networks"))].map(
      ([key, node]) => ["networks", key, node] as const,
    ),
    ...[...entriesOf(entries.get("models"))].map(([key, node]) => ["models", key, node] as const),
    ...bySource({ kind: "list", items: named, at: service.at }, "volumes"),
    ...bySource(entries.get("secrets"), "secrets"),
    ...bySource(entriesOf(entries.get("build")).get("secrets"), "secrets"),
    ...bySource(entries.get("configs"), "configs"),
  ];
}

function checkReferences(name: string, service: SourceMap, { file, report }: Checking): void {
  for (const [section, key, { at }] of referencesOf(service)) {
    const defined = entriesOf(file.entries.get(section));
    if (defined.has(key)) continue;
    const hint = didYouMean(key, defined.keys()) ?? `add it to ${section}, at the end of the file`;
    report.error(at, `services.${name} uses "${key}", which ${section} does not define`, hint);
  }
}

function checkExclusions(name: string, service: SourceMap, report: ComposeReport): void {
  const { entries } = service;
  const both = (first: string, second: string, map = service): void => {
    const [one, other] = [map.entries.get(first), map.entries.get(second)];
    if (one && other)
      report.error(other.at, `services.${name} has ${first} and ${second}`, "remove one of them");
  };
  both("network_mode", "networks");
  const build = entries.get("build");
  if (build?.kind === "map") both("dockerfile", "dockerfile_inline", build);
  const [test] = itemsOf(entriesOf(entries.get("healthcheck")).get("test"));
  if (test?.kind === "scalar" && !["CMD", "CMD-SHELL", "NONE"].includes(test.text))
    report.error(
      test.at,
      `services.${name}.healthcheck.test has to begin with CMD, CMD-SHELL or NONE`,
      "write a text for a shell",
    );
  checkDeploy(name, service, report);
}

const twins = [
  ["cpus", "limits", "cpus"],
  ["mem_limit", "limits", "memory"],
  ["mem_reservation", "reservations", "memory"],
  ["pids_limit", "limits", "pids"],
] as const;

function checkDeploy(name: string, service: SourceMap, report: ComposeReport): void {
  const deploy = service.entries.get("deploy");
  const resources = entriesOf(deploy).get("resources");
  for (const [field, section, key] of twins) {
    const own = textOf(service, field);
    const limits = entriesOf(resources).get(section);
    if (own === undefined || !limits || textOf(limits, key) === own) continue;
    report.error(
      limits.at,
      `services.${name} has ${field} and another deploy.resources.${section}.${key}`,
      "give both the same value, or remove one of them",
    );
  }
  const [scale, replicas] = [textOf(service, "scale"), textOf(deploy ?? service, "replicas")];
  if (scale !== undefined && replicas !== undefined && scale !== replicas)
    report.error(
      service.at,
      `services.${name} has scale ${scale} and deploy.replicas ${replicas}`,
      "remove one of them",
    );
  const count = Number(scale ?? replicas ?? 1);
  const at = service.entries.get("container_name")?.at;
  if (count > 1 && at !== undefined)
    report.error(
      at,
      `services.${name} runs ${count} times, and has a container_name`,
      "remove the name",
    );
  const counted = service.entries.get("scale") ?? entriesOf(deploy).get("replicas") ?? service;
  if (count < 0)
    report.error(counted.at, `services.${name} cannot run ${count} times`, "write 0 or more");
}

function checkTargets(name: string, service: SourceMap, report: ComposeReport): void {
  const mounts = [
    ...itemsOf(service.entries.get("tmpfs")).map(
      (item) => [item, item.kind === "scalar" ? (item.text.split(":", 1)[0] ?? "") : ""] as const,
    ),
    ...itemsOf(service.entries.get("volumes")).map(
      (item) => [item, textOf(item, "target") ?? ""] as const,
    ),
  ];
  const seen = new Set<string>();
  for (const [{ at }, target] of mounts) {
    if (seen.has(target)) report.error(at, `services.${name} mounts ${target} twice`);
    seen.add(target);
  }
}
