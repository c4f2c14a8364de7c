import { type ReynsError, throwAll } from "../errors.ts";
import type { PublishedPort } from "../model/container-spec.ts";
import type { PortDefinition, Project } from "../model/project.ts";
import { cycleErrors } from "./checks/cycles.ts";
import { describeAll } from "./describe/describe-all.ts";
import type { DescribedStart, Dependency } from "./describe/described-start.ts";
import type { EnvironmentSources } from "./resolve/environment.ts";
import { shownNetwork } from "../model/resource-names.ts";
import { assumedNetworks } from "./resolve/networks.ts";
import type { Placed } from "./resolve/placement.ts";
import { nothingObserved } from "../model/observed.ts";
import { selectInstances } from "./select/select.ts";
import { plainSelection, type SelectedInstance } from "./select/selection.ts";

/** One instance of a conf, in the graph by which a run starts them. */
export interface GraphNode {
  /** Its host name; `SERVICE-*` where each run makes up a name. */
  readonly host: string;
  readonly service: string;
  readonly group: string | undefined;
  readonly image: string;
  /** Those that a run publishes. */
  readonly ports: readonly PortDefinition[];
  /** Those that it is in, as the definition calls them; `host`, `none`, or `of NAME`. */
  readonly networks: readonly string[];
  /** Variables that a run from here would ask for. */
  readonly missing: readonly string[];
  /** False: only runs when it is named. */
  readonly autorun: boolean;
  /** How many have to be ready one after another before it starts. */
  readonly layer: number;
  /** Its place, from 1, in a conf whose instances start one after another. */
  readonly place: number | undefined;
}

/** `from` starts when `to` is ready. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: Exclude<Dependency["kind"], "network" | "router">;
  /** The link's name. */
  readonly name: string | undefined;
}

export interface ProjectGraph {
  readonly project: string;
  readonly conf: string;
  readonly group: string | undefined;
  /** One after another, in the order of the conf. */
  readonly sequential: boolean;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/**
 * The graph by which a run of the whole conf, or of a group of it, starts its instances where nothing runs yet.
 *
 * @throws ReynsErrors INVALID_PROJECT with the circle when there is one; UNKNOWN_GROUP
 */
export function projectGraph(
  project: Project,
  group: string | undefined,
  sources: EnvironmentSources,
): ProjectGraph {
  const described = describe(project, group, sources);
  throwAll([
    ...cycleErrors(described, project.folder),
    ...described.flatMap(({ errors }) => errors).filter(isOfDefinition),
  ]);
  const names = shownNames(described.map(({ placed }) => placed.selected));
  const layers = layersOf(described);
  const { name: conf, sequential } = project.conf;
  return {
    project: project.name,
    conf,
    group,
    sequential,
    nodes: described.map((one, index) => ({
      ...nodeOf(one),
      host: names.get(one.step.host) ?? one.step.host,
      layer: layers.get(one.step.host) ?? 0,
      place: sequential ? index + 1 : undefined,
    })),
    edges: described.flatMap(({ step, dependencies: waits }) =>
      waits.map(({ kind, host, name }) => ({
        from: names.get(step.host) ?? step.host,
        to: names.get(host) ?? host,
        // It waits as well, and where a network is shared is no part of the order.
        kind: kind === "network" || kind === "router" ? ("after" as const) : kind,
        name,
      })),
    ),
  };
}

/** What depends on this host, such as its interfaces, is left to the run. */
function isOfDefinition({ code }: ReynsError): boolean {
  return code === "INVALID_PROJECT";
}

function describe(
  project: Project,
  group: string | undefined,
  sources: EnvironmentSources,
): DescribedStart[] {
  const whole = group === undefined && project.conf.instances.length > 0;
  const selected = selectInstances(project, plainSelection(whole ? "*" : "all", group));
  return describeAll(selected, {
    project,
    observed: nothingObserved,
    sources,
    hostHostname: "",
    timeout: undefined,
    parallel: false,
    actionFor: () => "create",
    networks: assumedNetworks(project),
  });
}

function nodeOf({
  placed,
  step,
  missing,
}: DescribedStart): Omit<GraphNode, "host" | "layer" | "place"> {
  const { selected, image } = placed;
  const { group, autorun } = selected.definition;
  return {
    service: selected.service,
    group,
    image,
    ports: step.spec.ports.map(graphPort),
    networks: networksOf(placed),
    missing: missing.map(({ name }) => name),
    autorun,
  };
}

function networksOf({ selected, endpoints, shared }: Placed): string[] {
  if (selected.properties.nethost) return ["host"];
  if (shared) return [`of ${shared.host}`];
  const { networkMode } = selected.definition;
  if (networkMode?.kind === "container") return [`of ${networkMode.name}`];
  return endpoints.length === 0
    ? ["none"]
    : endpoints.map(({ network }) => shownNetwork(network.key));
}

function graphPort({ container, host, within, protocol }: PublishedPort): PortDefinition {
  return { container, host, protocol, ...(within === undefined ? {} : { within }) };
}

/** Names that each run makes up anew are shown as a star. */
function shownNames(selected: readonly SelectedInstance[]): Map<string, string> {
  const names = new Map<string, string>();
  const unnamed = selected.filter(({ definition }) => definition.instance === undefined);
  for (const { host, service } of unnamed) {
    const before = unnamed.filter((one) => one.service === service && names.has(one.host)).length;
    names.set(host, `${service}-*${before === 0 ? "" : ` (${before + 1})`}`);
  }
  return names;
}

/** Host -> the length of the longest way to one that waits for nobody. */
function layersOf(described: readonly DescribedStart[]): Map<string, number> {
  const waits = new Map(described.map((one) => [one.step.host, one.dependencies]));
  const layers = new Map<string, number>();
  const layerOf = (host: string): number => {
    const known = layers.get(host);
    if (known !== undefined) return known;
    const before = (waits.get(host) ?? []).map((wait) => layerOf(wait.host));
    const layer = Math.max(-1, ...before) + 1;
    layers.set(host, layer);
    return layer;
  };
  for (const { step } of described) layerOf(step.host);
  return layers;
}
