import { dirname } from "node:path";
import type { ContainerSpec } from "../model/container-spec.ts";
import { dnsVariablesOf, resolverVariable } from "../model/dns-settings.ts";
import { readExtraArgs } from "./describe/docker-run-args.ts";
import { labels } from "../model/labels.ts";
import { keysMounts } from "./describe/mounts.ts";
import { containerNameOf, keysFolder, networkNameOf } from "../model/resource-names.ts";
import type { Project } from "../model/project.ts";
import { isPublished, type ObservedInstance, type ObservedKeeper } from "../model/observed.ts";
import { findKeeperProblem, needsKeeper } from "../model/problems.ts";
import type { Register } from "../model/readiness.ts";
import type { KeepLeases, RemoveKeeper, StartInstance, Step } from "../model/steps.ts";

/** An instance of a ready image, in which nothing of ours runs that could renew its lease. */
export interface KeptLease {
  readonly host: string;
  readonly register: Register;
  /** Its address in the project's network, where it shows whether it lives. */
  readonly probe: string;
}

/** The image that the keeper is made from. */
export const keeperImage = "reyns/reyns-common";

const keeperStep = "keeper";

/** What a running instance needs of a keeper. */
export function leasesOf(instance: ObservedInstance): KeptLease[] {
  const { host, service, instance: name, registered, address } = instance;
  if (!needsKeeper(instance) || !registered || address === undefined) return [];
  return [{ host, register: { ...registered, service, instance: name }, probe: address }];
}

/** The same of one that a plan starts. */
export function leasesOfStart({ host, register, address }: StartInstance): KeptLease[] {
  return isPublished(register) ? [{ host, register, probe: address }] : [];
}

interface KeeperRequest {
  readonly project: Pick<Project, "name" | "folder" | "origin">;
  readonly keeper: ObservedKeeper | undefined;
  readonly before: readonly KeptLease[];
  /** What runs after the call. */
  readonly after: readonly KeptLease[];
  readonly hostHostname: string;
  /** It may have missed something: it is told in any case. */
  readonly force?: boolean;
}

/** What has to happen to the keeper for a call after which these instances run: mostly nothing. */
export function planKeeper(keeping: KeeperRequest): (KeepLeases | RemoveKeeper)[] {
  const { keeper, before, after, project } = keeping;
  const base = { id: keeperStep, after: [], title: "DNS lease keeper" } as const;
  const [first] = after;
  if (!first) {
    const reason = "no lease is left to renew";
    return keeper ? [{ ...base, kind: "remove-keeper", reason, containerId: keeper.id }] : [];
  }
  const lines = linesOf(after, keeping.hostHostname);
  const spec = keeperSpec(project, first.register, keeping.hostHostname);
  const isOther =
    keeper !== undefined &&
    (keeper.hasOldKeys ||
      isElsewhere(keeper, project) ||
      keeper.settings !== spec.labels[labels.definition]);
  const problem = findKeeperProblem(keeper);
  const previous = linesOf(before, keeping.hostHostname);
  if (!problem && !isOther && !keeping.force && Bun.deepEquals(lines, previous)) return [];
  const reason = keeperReason(keeping, isOther, { lines, previous });
  // A stopped one is started again; one that is paused, disconnected or renamed could not be.
  const isBroken = problem !== undefined && keeper?.state !== "exited";
  const replaces = isOther || isBroken || keeper?.isRenamed ? keeper?.id : undefined;
  return [{ ...base, kind: "keep-leases", reason, spec, lines, replaces }];
}

/** Its keys were mounted while the project's folder was elsewhere. */
function isElsewhere({ mounts }: ObservedKeeper, project: KeeperRequest["project"]): boolean {
  const folder = keysFolder(project);
  return mounts.some(({ volume, source }) => volume === null && dirname(source) !== folder);
}

function keeperReason(
  { keeper, project }: KeeperRequest,
  isOther: boolean,
  { lines, previous }: { readonly lines: readonly string[]; readonly previous: readonly string[] },
): string {
  if (!keeper) return "ready images need one";
  if (isOther && isElsewhere(keeper, project)) return "the project's folder has moved";
  if (isOther)
    return keeper.hasOldKeys ? "the project's keys have changed" : "its settings changed";
  const problem = findKeeperProblem(keeper);
  if (problem !== undefined) return problem;
  const added = lines.filter((line) => !previous.includes(line)).length;
  const removed = previous.filter((line) => !lines.includes(line)).length;
  const counts = [added > 0 && `${added} to add`, removed > 0 && `${removed} to drop`];
  return counts.filter(Boolean).join(", ") || "the last run did not finish";
}

/** `HOST SERVICE INSTANCE ADDRESS POLICY SERVER ZONE PROBE NODE`: docs/dns.md. */
function linesOf(kept: readonly KeptLease[], node: string): string[] {
  return kept
    .map(({ host, probe, register }) => {
      const { service, instance, address, policy, server, zone } = register;
      return [host, service, instance, address, policy, server, zone, probe, node].join(" ");
    })
    .toSorted();
}

function keeperSpec(
  project: KeeperRequest["project"],
  register: Register,
  hostHostname: string,
): ContainerSpec {
  const { resolver } = register;
  const near = resolver === undefined ? {} : { [resolverVariable]: resolver };
  const env = { ...dnsVariablesOf(register), ...near };
  const owner = { [labels.project]: project.name, [labels.folder]: project.origin };
  const { runtime } = readExtraArgs("--restart unless-stopped", { file: "" });
  return {
    name: containerNameOf(project, "keeper"),
    image: keeperImage,
    hostname: "keeper",
    labels: { ...owner, [labels.role]: "keeper", [labels.definition]: JSON.stringify(env) },
    env: { ...env, PROJECT: project.name, HOST_HOSTNAME: hostHostname },
    secrets: {},
    command: ["/usr/lib/reyns/keeper"],
    session: undefined,
    network: { name: networkNameOf(project), address: undefined, aliases: [] },
    dns: undefined,
    extraHosts: [],
    mounts: keysMounts(project),
    ports: [],
    privileged: false,
    runtime,
  };
}

/** What the keeper's part of a call depends on, besides the instances that it is about. */
export interface KeeperContext {
  /** The project's folder. */
  readonly folder: string;
  readonly keeper: ObservedKeeper | undefined;
  readonly all: readonly ObservedInstance[];
  readonly hostHostname: string;
}

/** The steps of a call that stops or removes these instances, with the keeper told before: it would renew their leases. */
export function dropLeases(
  steps: readonly Step[],
  leaving: readonly ObservedInstance[],
  scene: KeeperContext,
): Step[] {
  const gone = new Set(leaving.map(({ id }) => id));
  const staying = scene.all.filter(({ id }) => !gone.has(id));
  const keeping = planKeeperAmong(leaving[0], scene, staying.flatMap(leasesOf));
  const kept = new Set(leaving.filter((one) => leasesOf(one).length > 0).map(({ id }) => id));
  const waits = (step: Step): boolean =>
    step.kind === "remove-network" || ("containerId" in step && kept.has(step.containerId));
  const after = keeping.map(({ id }) => id);
  return [
    ...keeping,
    ...steps.map((step) => (waits(step) ? { ...step, after: [...step.after, ...after] } : step)),
  ];
}

/** The steps of a call that starts these instances again, with the keeper told beside. */
export function resumeLeases(
  steps: readonly Step[],
  starting: readonly ObservedInstance[],
  scene: KeeperContext,
): Step[] {
  const started = starting.map((one) => ({ ...one, state: "running" }));
  const ids = new Set(starting.map(({ id }) => id));
  const others = scene.all.filter(({ id }) => !ids.has(id));
  const after = [...others, ...started].flatMap(leasesOf);
  return [...planKeeperAmong(starting[0], scene, after), ...steps];
}

/** The steps of a rollback, with the keeper told beside, or at the end where an instance gets another address. */
export function rollbackLeases(
  starts: readonly StartInstance[],
  affected: readonly ObservedInstance[],
  scene: KeeperContext,
): Step[] {
  const beside = starts.filter(({ replacing }) => replacing?.order === "start-first");
  const moved = affected.map((instance) => {
    const { address, register } = beside.find(({ host }) => host === instance.host) ?? {};
    const { registered } = instance;
    if (address === undefined) return instance;
    return {
      ...instance,
      address,
      ...(registered && { registered: { ...registered, ...register } }),
    };
  });
  const ids = beside.map(({ id }) => id);
  return resumeLeases(starts, moved, scene).map((step) =>
    step.kind === "keep-leases" ? { ...step, after: [...step.after, ...ids] } : step,
  );
}

function planKeeperAmong(
  one: ObservedInstance | undefined,
  { keeper, all, hostHostname, folder }: KeeperContext,
  after: readonly KeptLease[],
): Step[] {
  const owner = one ?? keeper;
  if (!owner) return [];
  const project = { name: owner.project, folder, origin: owner.origin };
  return planKeeper({ project, keeper, before: all.flatMap(leasesOf), after, hostHostname });
}
