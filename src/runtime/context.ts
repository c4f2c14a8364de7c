import type { Engine } from "../docker/client/connect.ts";
import type { DnsAccess } from "./dns/client.ts";
import type { Emit } from "./events.ts";

/** What every step works with. */
export interface RuntimeContext {
  readonly engine: Engine;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** How many steps are worked on at the same time: eight unless given, twelve for images. */
  readonly jobs?: number | undefined;
  /** Folder of the project's keys; made on first need. */
  readonly keysFolder: string;
  readonly dns: DnsAccess;
}

/** What a single step works with. */
export interface StepContext extends RuntimeContext {
  /** Says that from here on the step only waits: another one may begin. */
  readonly letOthersBegin: () => void;
}
