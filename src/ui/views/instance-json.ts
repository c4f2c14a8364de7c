import type { Lifetime } from "../../runtime/observe/lifetimes.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { InstanceProblem } from "../../model/problems.ts";
import type { ObservedService } from "../../model/swarm-service.ts";

/** An instance under `--json`; the names are stable. */
export interface InstanceJson {
  readonly id: string;
  readonly service: string;
  readonly instance: string;
  readonly instanceType: string;
  readonly group: string | null;
  /** Only in a project of several machines. */
  readonly node?: string;
  readonly image: string;
  readonly state: string;
  /** healthy, unhealthy, starting; null without a HEALTHCHECK */
  readonly health: string | null;
  /** Only of a service of Docker Swarm: how many tasks there should be and how many run, and the state of its last update. */
  readonly tasks?: TasksJson;
  readonly ready: boolean;
  /** Status of its last exit; null while it runs. */
  readonly exitCode: number | null;
  /** How often its restart policy has restarted it. */
  readonly restarts: number;
  /** Its last end was for want of memory. */
  readonly outOfMemory: boolean;
  /** A job has to end. */
  readonly job: boolean;
  /** Counts its replacements: `reyns rollback` goes back to an earlier one; null for jobs and one-offs. */
  readonly version: number | null;
  /** The commit of that version: `git describe` of the project's folder; null outside of a repository. */
  readonly commit: string | null;
  readonly address: string | null;
  /** The networks that it is in, with its address in each; null while it has none. */
  readonly networks: readonly { readonly name: string; readonly address: string | null }[];
  readonly hostname: string;
  readonly ports: readonly {
    readonly container: number;
    readonly host: number | null;
    readonly protocol: string;
    readonly ip: string | null;
  }[];
  /** ISO 8601 */
  readonly createdAt: string;
  /** ISO 8601; null before its first start. */
  readonly startedAt: string | null;
  /** When it last ended, in ISO 8601; null while it runs for the first time. */
  readonly finishedAt: string | null;
  /** Empty when all is well. */
  readonly problems: readonly InstanceProblem[];
}

interface TasksJson {
  readonly desired: number;
  readonly running: number;
  readonly update: string | null;
}

/** What a list of the Engine does not show of an instance. */
export interface InstanceFacts {
  readonly lifetime: Lifetime | undefined;
  readonly problems: readonly InstanceProblem[];
}

/** An instance as every command shows it under `json`. */
export function instanceToJson(
  instance: ObservedInstance,
  { lifetime, problems }: InstanceFacts,
): InstanceJson {
  const { id, service, instanceType, group, node, image, state, host, createdAt } = instance;
  return {
    id: id.slice(0, 12),
    service,
    instance: instance.instance,
    instanceType,
    group: group ?? null,
    ...(node === undefined ? {} : { node }),
    image,
    state,
    health: instance.health ?? null,
    ...(instance.swarm && { tasks: tasksOf(instance.swarm) }),
    ready: isReady(instance),
    exitCode: instance.exitCode ?? null,
    restarts: lifetime?.restarts ?? 0,
    outOfMemory: lifetime?.oomKilled ?? false,
    job: instance.isJob,
    version: instance.version ?? null,
    commit: instance.commit ?? null,
    address: instance.address ?? null,
    networks: networksOf(instance),
    hostname: host,
    ports: portsOf(instance),
    createdAt: new Date(createdAt * 1000).toISOString(),
    startedAt: lifetime?.startedAt ?? null,
    finishedAt: lifetime?.finishedAt ?? null,
    problems,
  };
}

function tasksOf({ desired, running, update }: ObservedService): TasksJson {
  return { desired, running, update: update?.state ?? null };
}

function portsOf({ ports }: ObservedInstance): InstanceJson["ports"] {
  return ports.map(({ container, host, protocol, ip }) => ({
    container,
    host: host ?? null,
    protocol,
    ip: ip === "" ? null : ip,
  }));
}

function networksOf({ networks = [] }: ObservedInstance): InstanceJson["networks"] {
  return networks.map(({ name, address }) => ({ name, address: address || null }));
}

/** Running, and healthy where it has a HEALTHCHECK; of a Swarm service all its tasks. */
export function isReady({
  state,
  health,
  swarm,
}: Pick<ObservedInstance, "state" | "health" | "swarm">): boolean {
  if (swarm) return swarm.desired > 0 && swarm.running >= swarm.desired;
  return state === "running" && (health === undefined || health === "healthy");
}
