import type { Engine } from "../docker/client/engine.ts";
import type { DnsAccess } from "./dns/client.ts";
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
  readonly dns: DnsAccess;
}

export interface StepContext extends RuntimeContext {
  /** The instance has started and the step only waits from here on: lets another step begin. */
  readonly markStarted: () => void;
  /** Waits for something that costs nothing, such as a grace period: another step has the place meanwhile. */
  readonly waitAside: <Result>(pending: Promise<Result>) => Promise<Result>;
}
