import type { KeyedRoute } from "./routes.ts";
import type { AwaitName } from "./await-name.ts";
import type { BuildImage, SendImage } from "./build-image.ts";
import type { ContainerSpec } from "./container-spec.ts";
import type { RemoveData, RemoveVolume } from "./data-steps.ts";
import type { Handover, Replacing } from "./handover.ts";
import type { NetworkSpec, ReplacedNetwork } from "./networks.ts";
import type { ProbeNetwork } from "./probe-network.ts";
import type { ConfigureRouter, RoutedInstance } from "./router-steps.ts";
import type { Ready, Register } from "./readiness.ts";
import type { StepBase } from "./step-base.ts";
import type { ProjectIdentity } from "./resource-names.ts";
import type { SealedReady } from "./sealed-ready.ts";

/** One operation, the operations it depends on, and the reason for it. A list of steps is all that the executor needs. */
export type Step =
  | RootImage
  | BuildImage
  | PullImage
  | PushImage
  | TagImage
  | SendImage
  | CreateNetwork
  | ProbeNetwork
  | StartInstance
  | RestartInstance
  | SetAside
  | AwaitInstance
  | AwaitName
  | StopInstance
  | RemoveInstance
  | RemoveNetwork
  | RemoveData
  | RemoveVolume
  | ConfigureRouter
  | KeepLeases
  | RemoveKeeper;

/** True for steps that end with a running instance; their title is the instance's host name. */
export function isBringUp(step: Step): step is StartInstance | RestartInstance | AwaitInstance {
  return ["start-instance", "restart-instance", "await-instance"].includes(step.kind);
}

/** Pulls the image that all bundled images build on, or makes it on this machine. */
export interface RootImage extends StepBase {
  readonly kind: "root-image";
  readonly image: string;
  /** Tar of a root file system to import instead. */
  readonly rootfs: string | undefined;
}

export interface PullImage extends StepBase {
  readonly kind: "pull-image";
  readonly image: string;
  /** Undefined: the Engine's own. */
  readonly platform?: string | undefined;
}

export interface PushImage extends StepBase {
  readonly kind: "push-image";
  readonly image: string;
}

export interface TagImage extends StepBase {
  readonly kind: "tag-image";
  readonly image: string;
  readonly tag: string;
}

export interface CreateNetwork extends StepBase, NetworkSpec {
  readonly kind: "create-network";
  /** A network of the same name with other settings, which is removed first. */
  readonly replaces?: ReplacedNetwork | undefined;
  /** Name of the instances in it, which are replaced together, or none of them. */
  readonly together?: string | undefined;
}

/** Seconds within which an instance has to become ready, unless something else is said; a job has no such limit. */
export const defaultTimeout = 60;

export interface StartInstance extends StepBase {
  readonly kind: "start-instance";
  readonly host: string;
  readonly spec: ContainerSpec;
  /** Id of a container of the same instance that is not kept, such as a half-made one: stopped and removed first. */
  readonly removes: string | undefined;
  readonly removesService?: boolean; // That is one of Docker Swarm.
  /** Where the names and the router of a container lead in whose place a service of Docker Swarm comes. */
  readonly departing?: Pick<StopInstance, "deregister" | "router"> | undefined;
  /** Id of the container that serves now: stopped first, and started again if the new one does not become ready. */
  readonly predecessor: string | undefined;
  readonly keepsTasks?: boolean; // Of a service of Docker Swarm: only how many there are, or how they are updated, differs.
  /** Hooks of the container whose place it takes, as its label has them. */
  readonly formerHooks?: string | undefined;
  readonly ready: Ready | SealedReady;
  /** Seconds within which it has to become ready; undefined for the default. */
  readonly timeout: number | undefined;
  readonly register: Register | undefined;
  /** How it stands in the router, once it is ready. */
  readonly routed?: RoutedInstance | undefined;
  /** Its routes as the router serves them: a rollback brings them back. */
  readonly servedRoutes?: readonly KeyedRoute[] | undefined;
  /** How the definition of a routed instance has it replaced. */
  readonly handover?: Handover | undefined;
  /** How the container of a routed instance that runs is replaced. */
  readonly replacing?: Replacing | undefined;
  /** What runs is a job of an earlier definition: it ends by itself before this one starts. */
  readonly awaitsEnd?: boolean | undefined;
  /** Name of the instances that exchange ports with it: they are replaced together, or none of them. */
  readonly together?: string | undefined;
  readonly sleep: number; // Seconds to wait after it became ready (legacy confs).
  /** Address in the project's network. */
  readonly address: string;
  /** Folders on the host that are created when they are missing. */
  readonly folders: readonly string[];
  /** Part of the definition -> digest of a mounted file. It is recorded under the project's keys, as a file may be secret. */
  readonly files?: Readonly<Record<string, string>>;
  /** A volume that is emptied first. */
  readonly temporaryVolume: string | undefined;
  /** It runs in this terminal and is removed when it ends. */
  readonly interactive: boolean;
  /** How many versions are kept to go back to, this one included. */
  readonly versions: number;
  /** The version that a rollback brings back. */
  readonly restores?: number | undefined;
  /** Names that its SSH host key is certified for; without any it gets no key. */
  readonly sshNames: readonly string[];
  /** Folders of the image whose content is kept on the host from the first run on. */
  readonly persistent: readonly { readonly hostPath: string; readonly path: string }[];
}

/** Stops a container whose port another instance gets, before either is replaced. */
export interface SetAside extends StepBase {
  readonly kind: "set-aside";
  readonly host: string;
  /** Hooks of the container, as its label has them. */
  readonly hooks?: string | undefined;
  readonly containerId: string;
  /** The name that it has until its successor is ready; undefined if it is not kept. */
  readonly name: string | undefined;
  /** The instances that are replaced together with it. */
  readonly together: string;
}

/** Starts an existing container again, unchanged. */
export interface RestartInstance extends StepBase {
  readonly kind: "restart-instance";
  readonly host: string;
  /** Hooks of the container, as its label has them. */
  readonly hooks?: string | undefined;
  readonly containerId: string;
  /** The name that it gets back, if a replacement that was cut off has taken it away. */
  readonly name: string | undefined;
  /** It runs, and is stopped before it starts again. */
  readonly stopFirst: boolean;
  /** Its processes are there: it is not started, but gets its name back, and continues if it was paused. */
  readonly resumes: boolean;
  readonly ready: Ready | SealedReady;
  readonly timeout: number | undefined;
  readonly register: Register | undefined;
  /** How it stands in the router, once it is ready. */
  readonly routed?: RoutedInstance | undefined;
  /** Name of the container of the router that it stays in as it is: no requests come while it is stopped. */
  readonly router?: string | undefined;
}

/** A container that was stopped and renamed for another one, which has its name now. */
export interface FormerContainer {
  readonly id: string;
  readonly name: string;
  /** Its restart policy by right: it has none while another container serves in its place. */
  readonly restart: string | undefined;
}

/** Waits for an instance that runs already and may not be ready yet. */
export interface AwaitInstance extends StepBase {
  readonly kind: "await-instance";
  readonly host: string;
  readonly containerId: string;
  /** The container of a replacement that was broken off before this one was ready: started again if this one fails. */
  readonly former?: FormerContainer | undefined;
  readonly ready: Ready | SealedReady;
  readonly timeout: number | undefined;
}

export interface StopInstance extends StepBase {
  readonly kind: "stop-instance";
  readonly host: string;
  /** Hooks of the container, as its label has them. */
  readonly hooks?: string | undefined;
  readonly containerId: string;
  readonly isService?: boolean; // Of Docker Swarm.
  readonly deregister: Register | undefined;
  /** Name of the container of the router that sends it requests. */
  readonly router?: string | undefined;
}

export interface RemoveInstance extends StepBase {
  readonly kind: "remove-instance";
  readonly host: string;
  /** Hooks of the container, as its label has them. */
  readonly hooks?: string | undefined;
  readonly containerId: string;
  readonly isService?: boolean; // Of Docker Swarm.
  readonly project?: ProjectIdentity; // Its versions of the instance are forgotten.
  readonly requiresStopped?: boolean; // It fails where the container runs by then.
  /** The router that ends what it has under way to it first, and the seconds for that. */
  readonly draining?: { readonly router: string; readonly seconds: number };
  /** A volume that is removed with it. */
  readonly temporaryVolume: string | undefined;
  /** Its volumes without a name stay: they may hold data. */
  readonly keepsVolumes?: boolean;
  /** Those of its image stay, as no other container has taken them over. */
  readonly keepsData?: boolean;
  readonly deregister: Register | undefined;
  /** Name of the container of the router that sends it requests. */
  readonly router?: string | undefined;
}

export interface RemoveNetwork extends StepBase {
  readonly kind: "remove-network";
  readonly name: string;
  /** Whose it has to be. */
  readonly project: ProjectIdentity;
}

/** Makes sure the lease keeper runs, and gives it the leases to renew. */
export interface KeepLeases extends StepBase {
  readonly kind: "keep-leases";
  readonly spec: ContainerSpec;
  /** Id of a keeper with other settings, removed first. */
  readonly replaces: string | undefined;
  /** One for each instance. */
  readonly lines: readonly string[];
}

export interface RemoveKeeper extends StepBase {
  readonly kind: "remove-keeper";
  readonly containerId: string;
}
