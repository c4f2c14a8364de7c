import type { FieldChange } from "./fields.ts";
import type { StepBase } from "./step-base.ts";

/** An instance as an upstream of the router. */
export interface RoutedInstance {
  /** Name of the router's container. */
  readonly router: string;
  readonly host: string;
  readonly routes: readonly { readonly key: string; readonly port: number }[];
}

/** Tells the router all its routes, and the upstreams of those that no other step of the plan starts. */
export interface ConfigureRouter extends StepBase {
  readonly kind: "configure-router";
  /** Name of its container. */
  readonly router: string;
  /** Caddy's configuration, as JSON. */
  readonly config: string;
  /** Routes -> the instances that serve them, for people. */
  readonly changes: readonly FieldChange[];
  readonly instances: readonly (Omit<RoutedInstance, "router"> & {
    /** Name of its container. */
    readonly container: string;
    /** Its name in the DNS, where it runs on another machine. */
    readonly remoteName?: string | undefined;
    /** Its upstreams stay: the step that starts it tells the router, or it is paused. */
    readonly isKept: boolean;
  })[];
}

/** What a router serves, as the volume has it. */
export interface ObservedRouter {
  /** Host name of its instance. */
  readonly host: string;
  /** Digest of the files that its image was built from. */
  readonly assets?: string | undefined;
  /** Undefined: none yet. */
  readonly config: string | undefined;
  /** Caddy runs without that, because it refused it when it started. */
  readonly isRefused?: boolean;
  /** Host name -> lines `KEY CONTAINER PORT`. */
  readonly upstreams: ReadonlyMap<string, readonly string[]>;
}

/** Why a router serves nothing whose configuration `isRefused`. */
export const refusedText = "Caddy refused its routes when it started";

/** How a container stands among the upstreams: by the beginning of its id, which the Engine's resolver answers for. */
export function upstreamLines(
  { routes }: Pick<RoutedInstance, "routes">,
  containers: readonly string[],
): string[] {
  return containers.flatMap((id) => linesOf(routes, id.slice(0, 12)));
}

/** The same for an instance on another machine, by its name in the DNS. */
export function remoteUpstreamLines(
  { routes }: Pick<RoutedInstance, "routes">,
  name: string,
): string[] {
  return linesOf(routes, name);
}

/** Whether an upstream is an instance on another machine: its name in the DNS has dots, an id has none. */
export function isRemoteUpstream(target: string): boolean {
  return target.includes(".");
}

function linesOf(routes: RoutedInstance["routes"], target: string): string[] {
  return routes.map(({ key, port }) => `${key} ${target} ${port}`);
}
