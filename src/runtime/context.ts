import type { Step } from "../model/steps.ts";
import type { Engine } from "../docker/client/engine.ts";
import type { DnsAccess } from "./dns/client.ts";
import type { Delivery } from "./delivery/delivery.ts";
import type { Emit } from "./events.ts";

/** What all steps share. */
export interface RuntimeContext {
  readonly engine: Engine;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Steps that run at the same time: eight unless given, twelve for images. */
  readonly jobs?: number | undefined;
  /** Folder of the project's keys, which are created when they are first needed. */
  readonly keysFolder: string;
  /** Folder with the versions of the project's instances, or of a copy's. */
  readonly stateFolder: string;
  readonly dns: DnsAccess;
  /** What is different on a node, where a plan spans several. */
  readonly onNode?: ((name: string) => NodeContext) | undefined;
  /** The Engines of the nodes that a plan spans. */
  readonly machines?: readonly Engine[] | undefined;
  /** Connects to the caller's own Engine, where the steps are on nodes. */
  readonly connectOwn?: (() => Promise<Engine>) | undefined;
  /** Brings images to nodes. */
  readonly delivery?: (() => Promise<Delivery>) | undefined;
  /** Seconds to end after a stop signal, instead of each container's own. */
  readonly stopTimeout?: number | undefined;
  /** Keeps the process from ending for as long; the steps of a plan hold it themselves. */
  readonly holdProcess?: HoldExit | undefined;
}

type NodeContext = Pick<RuntimeContext, "engine" | "dns">;

/** The context of a step: that of its node, if it has one. */
export function contextOf<Context extends RuntimeContext>(
  context: Context,
  { node }: Pick<Step, "node">,
): Context {
  return node === undefined ? context : { ...context, ...context.onNode?.(node) };
}

/** How long an interruption waits at most. The Engine kills a container that ignores its signal after 10 s by default. */
export const heldWorkLimitMs = 60_000;

/** Lets an interruption wait, for a limited time, until some work is over. */
export type HoldExit = (work: Promise<unknown>) => void;

export interface StepContext extends RuntimeContext {
  /** Whatever was stopped for this work must run again before the call ends. */
  readonly holdExit: HoldExit;
  /** The former container runs again. */
  readonly markRestored: () => void;
  /** The instance has started and the step only waits from here on: lets another step begin. */
  readonly markStarted: () => void;
  /** Waits for something that costs nothing, such as a grace period: another step has the place meanwhile. */
  readonly waitAside: <Result>(pending: Promise<Result>) => Promise<Result>;
}
