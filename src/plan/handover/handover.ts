import { inside, invalidProject, ReynsError } from "../../errors.ts";
import type { ContainerSpec } from "../../model/container-spec.ts";
import { defaultDrain, type Handover } from "../../model/handover.ts";
import { definedHostOf } from "../../model/host-names.ts";
import { freePort } from "../../model/ports.ts";
import type { InstanceDefinition, Project } from "../../model/project.ts";
import type { Placed } from "../resolve/placement.ts";
import { pointsTo } from "../select/match.ts";

interface HandoverContext {
  readonly project: Pick<Project, "conf">;
  readonly spec: ContainerSpec;
}

const requested = "requested by replace";

/**
 * How a routed instance is replaced: the new container starts first, unless two of them cannot run at once, or would
 * write to the same place.
 */
export function handoverOf(placed: Placed, context: HandoverContext): Handover {
  const { replace, drain = defaultDrain } = placed.selected.definition;
  const base = { drain, isAsked: replace !== undefined };
  if (replace === "stop-first") return { ...base, order: replace, reasons: [requested] };
  const obstacles = obstaclesOf(placed, context);
  const reasons = [...obstacles, ...(replace === undefined ? writtenPlaces(context.spec) : [])];
  if (reasons.length > 0) return { ...base, order: "stop-first", reasons };
  const reason = replace === undefined ? "it has a route" : requested;
  return { ...base, order: "start-first", reasons: [reason] };
}

/** An order that is asked for and cannot be had, and what only a routed instance has. */
export function handoverErrors(
  { selected: { host, definition } }: Placed,
  handover: Handover | undefined,
): ReynsError[] {
  if (!definition.routes) return unroutedErrors(host, definition);
  if (handover?.order !== "stop-first" || definition.replace !== "start-first") return [];
  const message = `${host} cannot be replaced start-first: ${handover.reasons.join(", ")}`;
  const hint = 'change that, or leave out replace: "start-first"';
  const at = inside(definition.at, "replace");
  return [invalidProject(message, hint, at)];
}

function unroutedErrors(host: string, definition: InstanceDefinition): ReynsError[] {
  const given = (["replace", "drain"] as const).filter((key) => definition[key] !== undefined);
  return given.map((key) => {
    const message = `${host} has no route, and ${key} is for instances behind a router()`;
    const hint = `add a route, or leave out ${key}`;
    return new ReynsError("INVALID_PROJECT", message, { hint, at: inside(definition.at, key) });
  });
}

/** Why two containers of the instance cannot run at once. */
function obstaclesOf(
  { selected, endpoints }: Placed,
  { project, spec }: HandoverContext,
): string[] {
  const { service, instance, definition, properties } = selected;
  const others = project.conf.instances;
  const linking = others.filter(({ links }) =>
    links.some(({ target }) => pointsTo(target, service, instance)),
  );
  const sharing = others.filter(
    ({ networkMode }) =>
      networkMode?.kind === "instance" && pointsTo(networkMode.target, service, instance),
  );
  const attachments = [spec.network, ...(spec.joined ?? [])];
  const fixed = [
    ...endpoints.flatMap(({ address, isChosen }) => (isChosen ? [] : (address ?? []))),
    ...attachments.flatMap((attachment) => [attachment?.ipv6 ?? [], attachment?.mac ?? []].flat()),
    ...(spec.runtime.macAddress === undefined ? [] : [spec.runtime.macAddress]),
  ];
  return [
    ...publishedNumbers(spec).map((port) => `it publishes port ${port}`),
    ...fixed.map((address) => `its address ${address} is fixed`),
    ...(endpoints.some(({ network }) => project.conf.networks?.[network.key]?.isSpanning)
      ? ["its network spans machines"]
      : []),
    ...(properties.nethost ? ["it is in the host's network"] : []),
    ...(definition.networkMode ? ["it has no network of its own"] : []),
    ...linking.map((other) => `${definedHostOf(other)} links to its address`),
    ...sharing.map((other) => `${definedHostOf(other)} shares its network`),
  ];
}

function publishedNumbers({ ports }: ContainerSpec): number[] {
  return [...new Set(ports.map(({ host }) => host))].filter((host) => host !== freePort);
}

/** What two containers would write to at once; and a port that moves where nobody has asked for it. */
function writtenPlaces({ mounts, ports }: ContainerSpec): string[] {
  const written = mounts.filter(
    ({ type, readOnly }) => (type === "volume" || type === "bind") && !readOnly,
  );
  return [
    ...written.map(({ target }) => `it writes to ${target}, which is mounted`),
    ...(ports.some(({ host }) => host === freePort) ? ["it keeps the free port it was given"] : []),
  ];
}
