import type { UsedDns } from "./dns-settings.ts";
import type { InstanceType } from "./instance-types.ts";
import type { Leftovers } from "./handover.ts";
import type { ObservedEndpoint, ObservedNetwork } from "./networks.ts";
import { labels } from "./labels.ts";
import type { RegisteredZone } from "./registered.ts";
import type { VolumeWriter } from "./observed-volume.ts";
import type { ObservedRouter } from "./router-steps.ts";
import { containerNameOf, previousNameOf } from "./resource-names.ts";
import type { ObservedService } from "./swarm-service.ts";

/** What one look at the Engine showed of a project. */
export interface Observed {
  readonly instances: readonly ObservedInstance[];
  /** Every container on the Engine that publishes ports, whoever's it is. */
  readonly publishers: readonly ObservedInstance[];
  readonly keeper: ObservedKeeper | undefined;
  /** Why the Engine does not tell of services of Docker Swarm that the project may have. */
  readonly hiddenServices?: string | undefined;
  /** The project's router, where it has a container. */
  readonly router?: ObservedRouter | undefined;
  /** Subnet of the project's network; undefined while there is none. */
  readonly subnet: string | undefined;
  /** All networks of the Engine. */
  readonly networks?: readonly ObservedNetwork[];
  /** Host name -> address in the project's own network, where that spans nodes: settled for all of them at once. */
  readonly settled?: ReadonlyMap<string, string> | undefined;
  /** What has a name that is this project's by right, and not its labels. */
  readonly nameConflicts: readonly NameConflict[];
  /** Names of other projects that have containers in its folder, such as its former name. */
  readonly otherProjects?: readonly string[];
  /** Subnets in CIDR form that networks of the Engine and this host have. Looked for while the project has none. */
  readonly takenSubnets: readonly string[];
  /** Image name with tag -> image. */
  readonly images: ReadonlyMap<string, ObservedImage>;
  /** What the project's DNS has registered; undefined where it was not asked, or did not answer. */
  readonly registered?: RegisteredZone | undefined;
  readonly volumeWriters?: readonly VolumeWriter[];
  /** Containers of services that Docker Compose has started from the project's folder. */
  readonly composeContainers?: readonly ComposeContainer[];
  /** Digest of a secret under the project's keys, which only who has them can repeat; undefined without keys. */
  readonly digestSecret?: ((value: string) => string) | undefined;
}

/** An Engine on which nothing is. */
export const nothingObserved: Observed = {
  instances: [],
  publishers: [],
  keeper: undefined,
  subnet: undefined,
  nameConflicts: [],
  takenSubnets: [],
  images: new Map(),
};

/** A container that Docker Compose has made. */
export interface ComposeContainer {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly service: string;
  /** created, running, paused, restarting, exited, dead */
  readonly state: string;
  readonly mounts: readonly ObservedMount[];
}

export interface NameConflict {
  readonly kind: "container" | "network";
  readonly name: string;
  /** What its labels say; empty without them. */
  readonly project: string;
  readonly origin: string;
}

export interface ObservedImage {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly digests?: readonly string[];
  /** Another Engine has built it: it was brought here by `docker load` or from a registry. */
  readonly isImported?: boolean;
  /** Ids of earlier builds of it: from the same files, on the base images of other versions of Reyns. */
  readonly sameAs?: readonly string[];
}

/** Whether an image is not what an instance runs. A newer version of Reyns alone makes no other image. */
export function isOtherImage(
  image: ObservedImage,
  { imageId }: Pick<ObservedInstance, "imageId">,
): boolean {
  return image.id !== imageId && !isBundledImage(image) && !image.sameAs?.includes(imageId);
}

/** An image that the executable carries. Those that build on it inherit the label of its files. */
export function isBundledImage({ labels: values }: Pick<ObservedImage, "labels">): boolean {
  return values[labels.assets] !== undefined && values[labels.folder] === undefined;
}

export interface ObservedInstance extends Leftovers {
  /** The id of its container or service. */
  readonly id: string;
  readonly containerName: string;
  readonly swarm?: ObservedService; // It is a service of Docker Swarm.
  /** Name and origin of its project; empty where it has none. */
  readonly project: string;
  readonly origin: string;
  readonly service: string;
  readonly instance: string;
  readonly host: string;
  readonly instanceType: InstanceType;
  readonly group: string | undefined;
  /** The machine that has it; undefined where there is only one. */
  readonly node?: string | undefined;
  readonly conf: string | undefined;
  readonly image: string;
  readonly imageId: string;
  /** The name of its image means another one by now, or none. */
  readonly hasNamelessImage?: boolean;
  /** Names of variables whose values nobody should see. */
  readonly secrets: readonly string[];
  readonly isDns: boolean; // It serves the zone.
  readonly isRouter?: boolean;
  /** A volume that goes with it. */
  readonly temporaryVolume: string | undefined;
  /** Its image builds on a bundled one. */
  readonly hasEntrypoint: boolean;
  /** created, running, paused, restarting, exited, dead */
  readonly state: string;
  /** Status of its last exit; undefined while it runs for the first time. */
  readonly exitCode: number | undefined;
  /** How long it has been up, in the Engine's words: "2 minutes"; undefined while it is not running. */
  readonly upFor: string | undefined;
  /** How often its restart policy has restarted it; undefined where it may have been up for a while. */
  readonly recentRestarts?: number | undefined;
  /** It is a job, which has to end. */
  readonly isJob: boolean;
  /** Number of its version; undefined where none is kept. */
  readonly version?: number | undefined;
  /** `git describe` of the project's folder when that was made; undefined outside of a repository. */
  readonly commit?: string | undefined;
  /** healthy, unhealthy, starting; undefined without a HEALTHCHECK */
  readonly health: string | undefined;
  /** Address in the project's network, or else the first of its networks; also while it is stopped. */
  readonly address: string | undefined;
  /** The networks that it is in. */
  readonly networks?: readonly ObservedEndpoint[];
  /** The Engine's word: a network's name, `host`, `none`, `container:ID`. */
  readonly networkMode?: string | undefined;
  /** It is not in all of those that it was put into. */
  readonly isDisconnected?: boolean;
  readonly ports: readonly {
    readonly container: number;
    readonly host: number | undefined;
    readonly protocol: string;
    readonly ip: string;
  }[];
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** What it was defined by, as JSON: part -> digest. Read where it matters, as lists have hundreds. */
  readonly definition: string | undefined;
  readonly registered: Registration | undefined;
  /** Host names of the instances that it depends on. */
  readonly after: readonly string[];
  /** How its readiness is detected, as JSON; undefined from versions that did not record it. */
  readonly readiness: string | undefined;
  /** Its hooks, encrypted; undefined without any. */
  readonly hooks?: string | undefined;
  /** It was started from no definition of its name. */
  readonly isAdHoc: boolean;
  /** It is attached to the call that started it, and removed at its end. */
  readonly isAttached: boolean;
  /** Volumes and folders of the host that it has mounted. */
  readonly mounts: readonly ObservedMount[];
  /** Id of the container that it replaces, stopped and kept until this one is ready. */
  readonly predecessor: string | undefined;
  /** They have been replaced since it was made, or are gone. */
  readonly hasOldKeys: boolean;
  /** It uses the project's keys, and those are gone. */
  readonly hasLostKeys?: boolean;
}

/** How an instance stands in a DNS, and how that is set up. */
export interface Registration extends UsedDns {
  readonly address: string;
  readonly policy: "REPLACE" | "APPEND" | "HIDE";
}

/** Whether its names are to be in the DNS: one that is hidden only asks it. */
export function isPublished(registered: Registration | undefined): registered is Registration {
  return registered !== undefined && registered.policy !== "HIDE";
}

/** The container that renews the leases of a project's ready images on this Engine: docs/dns.md. */
export interface ObservedKeeper {
  readonly id: string;
  /** Name and origin of its project. */
  readonly project: string;
  readonly origin: string;
  /** created, running, paused, restarting, exited, dead */
  readonly state: string;
  /** The project's keys, as it has mounted them. */
  readonly mounts: readonly ObservedMount[];
  /** It is in the project's network. */
  readonly isConnected: boolean;
  /** Its container has not the name that Reyns gave it. */
  readonly isRenamed: boolean;
  /** What it was made with. */
  readonly settings: string;
  /** The project's keys have been replaced since. */
  readonly hasOldKeys: boolean;
}

/** What the Engine says of a container whose processes are there: for loops over lists, `isRunning` for all else. */
export const runningStates: ReadonlySet<string> = new Set(["running", "restarting", "paused"]);

export function isRunning({ state }: ObservedInstance): boolean {
  return runningStates.has(state);
}

/** Where the DNS of a project answers. */
export interface DnsServer {
  readonly server: string;
  readonly zone: string;
  /** Its instance, where it runs on this Engine: `reyns-dns-main`. */
  readonly host: string | undefined;
}

/** A mount as the Engine tells it of a container. */
export interface ObservedMount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** Name of the Engine's volume; null for a folder of the host. */
  readonly volume: string | null;
}

/** Whether a job has ended successfully. */
export function isDone({ isJob, state, exitCode }: ObservedInstance): boolean {
  return isJob && state === "exited" && exitCode === 0;
}

/** The name that its container has by right. */
export function ownNameOf({ project: name, origin, host }: ObservedInstance): string {
  return containerNameOf({ name, origin }, host);
}

/** Whether a call that was killed had put its container aside for a new one, which was not created. */
export function isSetAside(instance: ObservedInstance): boolean {
  return instance.containerName === previousNameOf(ownNameOf(instance));
}
