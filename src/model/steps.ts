import type { ContainerSpec } from "./container-spec.ts";
import type { ReadyCheck } from "./project.ts";
import type { Registration } from "./observed.ts";

/** One thing to do, and what has to be done before it. A list of these is all that the engine needs. */
export type Step =
  | RootImage
  | BuildImage
  | PullImage
  | TagImage
  | CreateNetwork
  | StartInstance
  | RestartInstance
  | AwaitInstance
  | StopInstance
  | RemoveInstance
  | RemoveNetwork
  | RemoveData
  | RemoveVolume
  | KeepLeases
  | RemoveKeeper;

/** What makes an instance run, or waits for one; its title is the instance's host name. */
export function isBringUp(step: Step): step is StartInstance | RestartInstance | AwaitInstance {
  return ["start-instance", "restart-instance", "await-instance"].includes(step.kind);
}

interface StepBase {
  readonly id: string;
  readonly after: readonly string[];
  /** What it does, for people: "build shop/web". */
  readonly title: string;
}

/** Makes the image that everything carried builds on, from a registry or on the spot. */
export interface RootImage extends StepBase {
  readonly kind: "root-image";
  readonly image: string;
  /** Tar of a root file system to take instead. */
  readonly rootfs: string | undefined;
}

export interface BuildImage extends StepBase {
  readonly kind: "build-image";
  readonly image: string;
  /** A service's folder on the host, or the name of a carried one. */
  readonly context: { readonly folder: string } | { readonly carried: string };
  /** Path of the Dockerfile below the context. */
  readonly dockerfile: string;
  /** The stage to stop at. */
  readonly target: string | undefined;
  /** Images that it builds on, whose registries may ask who is there. */
  readonly bases: readonly string[];
  readonly arguments: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly cache: boolean;
  /** The same files, bases and arguments make the same image: no builder has to be asked. */
  readonly repeatable: boolean;
}

export interface PullImage extends StepBase {
  readonly kind: "pull-image";
  readonly image: string;
}

export interface TagImage extends StepBase {
  readonly kind: "tag-image";
  readonly image: string;
  readonly tag: string;
}

export interface CreateNetwork extends StepBase {
  readonly kind: "create-network";
  readonly name: string;
  readonly subnet: string;
  readonly gateway: string;
  readonly ipRange: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface StartInstance extends StepBase {
  readonly kind: "start-instance";
  readonly host: string;
  readonly spec: ContainerSpec;
  /** A stopped or half-made container of the same instance, to be removed first. */
  readonly replaces: string | undefined;
  readonly ready: Ready;
  /** Seconds until it has to be ready. */
  readonly timeout: number;
  readonly register: Register | undefined;
  /** Seconds to wait when it is ready (legacy confs). */
  readonly sleep: number;
  /** Address in the project's network. */
  readonly address: string;
  /** Folders on the host that are made when they are missing. */
  readonly folders: readonly string[];
  /** A volume that is made anew. */
  readonly temporaryVolume: string | undefined;
  /** It runs in this terminal, and goes when it ends. */
  readonly interactive: boolean;
  /** What its SSH host key is certified for; none: it gets no key. */
  readonly sshNames: readonly string[];
  /** Folders of the image whose content is kept on the host from the first run on. */
  readonly persistent: readonly { readonly hostPath: string; readonly path: string }[];
}

/** Starts a stopped instance again, as it is. */
export interface RestartInstance extends StepBase {
  readonly kind: "restart-instance";
  readonly host: string;
  readonly containerId: string;
  readonly ready: Ready;
  readonly timeout: number;
  readonly register: Register | undefined;
}

/** Waits for an instance that runs already and may not be ready yet. */
export interface AwaitInstance extends StepBase {
  readonly kind: "await-instance";
  readonly host: string;
  readonly containerId: string;
  readonly ready: Ready;
  readonly timeout: number;
}

/** What shows that an instance is ready: our entrypoint's word, its DNS's answer, or a check. */
export type Ready =
  | { readonly kind: "entrypoint" }
  /** The same of one that runs already, whose word has been missed: by its processes. */
  | { readonly kind: "prestartup" }
  | { readonly kind: "dns"; readonly address: string; readonly zone: string }
  | { readonly kind: "ports"; readonly address: string; readonly ports: readonly number[] }
  | { readonly kind: "check"; readonly check: ReadyCheck; readonly address: string };

/** How an instance is made known to a DNS. */
export interface Register extends Registration {
  readonly service: string;
  readonly instance: string;
}

export interface StopInstance extends StepBase {
  readonly kind: "stop-instance";
  readonly host: string;
  readonly containerId: string;
  readonly deregister: Register | undefined;
}

export interface RemoveInstance extends StepBase {
  readonly kind: "remove-instance";
  readonly host: string;
  readonly containerId: string;
  /** A volume that goes with it. */
  readonly temporaryVolume: string | undefined;
  readonly deregister: Register | undefined;
}

export interface RemoveNetwork extends StepBase {
  readonly kind: "remove-network";
  readonly name: string;
}

/** Removes an instance's persistent folders from the host. */
export interface RemoveData extends StepBase {
  readonly kind: "remove-data";
  readonly project: { readonly name: string; readonly folder: string };
  /** All in one folder. */
  readonly folders: readonly string[];
  /** The instance's image, for what only the Engine may remove. */
  readonly image: string;
}

export interface RemoveVolume extends StepBase {
  readonly kind: "remove-volume";
  readonly volume: string;
}

/** Sees to it that the keeper runs, and tells it whose leases to renew. */
export interface KeepLeases extends StepBase {
  readonly kind: "keep-leases";
  readonly spec: ContainerSpec;
  /** One that was made with other settings, to be removed first. */
  readonly replaces: string | undefined;
  /** One an instance. */
  readonly lines: readonly string[];
}

export interface RemoveKeeper extends StepBase {
  readonly kind: "remove-keeper";
  readonly containerId: string;
}
