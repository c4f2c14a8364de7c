import type { DnsSettings } from "./dns-settings.ts";
import type { InstanceType } from "./project.ts";

/** What one look at the Engine showed of a project. */
export interface Observed {
  readonly instances: readonly ObservedInstance[];
  /** Every container on the Engine that publishes ports, whoever's it is. */
  readonly publishers: readonly ObservedInstance[];
  readonly keeper: ObservedKeeper | undefined;
  /** Subnet of the project's network; undefined while there is none. */
  readonly subnet: string | undefined;
  /** What has a name that is this project's by right, and not its labels. */
  readonly strangers: readonly Stranger[];
  /**
   * Subnets in CIDR form that are taken: other networks of the Engine, interfaces and routes of this host. Looked for
   * while the project has none.
   */
  readonly takenSubnets: readonly string[];
  /** Image name with tag -> image. */
  readonly images: ReadonlyMap<string, ObservedImage>;
  /** Digest of a secret under the project's keys, which only who has them can repeat; undefined without keys. */
  readonly digestSecret?: ((value: string) => string) | undefined;
}

/** An Engine on which nothing is. */
export const nothingObserved: Observed = {
  instances: [],
  publishers: [],
  keeper: undefined,
  subnet: undefined,
  strangers: [],
  takenSubnets: [],
  images: new Map(),
};

export interface Stranger {
  readonly kind: "container" | "network";
  readonly name: string;
  /** What its labels say; empty without them. */
  readonly project: string;
  readonly folder: string;
}

export interface ObservedImage {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ObservedInstance {
  /** The container's id. */
  readonly id: string;
  readonly containerName: string;
  readonly project: string;
  readonly folder: string;
  readonly service: string;
  readonly instance: string;
  readonly host: string;
  readonly instanceType: InstanceType;
  readonly group: string | undefined;
  readonly conf: string | undefined;
  readonly image: string;
  readonly imageId: string;
  /** Names of variables whose values nobody should see. */
  readonly secrets: readonly string[];
  /** It serves the zone. */
  readonly isDns: boolean;
  /** A volume that goes with it. */
  readonly temporaryVolume: string | undefined;
  /** Its image builds on a carried one. */
  readonly hasEntrypoint: boolean;
  /** created, running, paused, restarting, exited, dead */
  readonly state: string;
  /** healthy, unhealthy, starting; undefined without a HEALTHCHECK */
  readonly health: string | undefined;
  /** Address in the project's network; also while it is stopped. */
  readonly address: string | undefined;
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
  readonly registered: Registered | undefined;
  /** The project's keys have been replaced since it was made. */
  readonly hasOldKeys: boolean;
}

/** How an instance stands in a DNS, and how that is set up. */
export interface Registered extends DnsSettings {
  /** Address of the DNS. */
  readonly server: string;
  readonly address: string;
  readonly policy: "REPLACE" | "APPEND" | "HIDE";
}

/** Whether its names are to be in the DNS: one that is hidden only asks it. */
export function isTold(registered: Registered | undefined): registered is Registered {
  return registered !== undefined && registered.policy !== "HIDE";
}

/** The container that renews the leases of a project's ready images on this Engine: docs/dns.md. */
export interface ObservedKeeper {
  readonly id: string;
  /** Name and folder of its project. */
  readonly project: string;
  readonly folder: string;
  readonly isRunning: boolean;
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
