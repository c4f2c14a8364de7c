import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../../src/runtime/connect.ts";
import type { StepContext } from "../../../src/runtime/context.ts";
import { createDnsAccess } from "../../../src/runtime/dns/client.ts";

/** What a step of a plan gets, for a project without keys. */
export function stepContext(engine: Engine): StepContext {
  const keysFolder = join(tmpdir(), "no-keys");
  return {
    ...{ engine, keysFolder, stateFolder: keysFolder, emit: () => {}, jobs: undefined },
    signal: new AbortController().signal,
    dns: createDnsAccess(engine, { origin: tmpdir(), keysFolder }),
    holdExit: () => {},
    markRestored: () => {},
    markStarted: () => {},
    waitAside: (pending) => pending,
  };
}
