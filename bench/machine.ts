import { cpus, totalmem, type, release } from "node:os";
import type { Executables } from "./copies.ts";
import { versionOfEngine } from "./engine.ts";

/** The machine of a measurement. */
export interface Machine {
  readonly processors: string;
  readonly memory: string;
  readonly system: string;
  readonly engine: string;
  readonly compose: string;
  readonly reyns: string;
}

export async function describeMachine({ reyns, compose }: Executables): Promise<Machine> {
  const all = cpus();
  const outputOf = (...command: string[]): string =>
    Bun.spawnSync(command).stdout.toString().trim();
  return {
    processors: `${all.length} x ${all[0]?.model.trim() ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    // Two numbers identify the kernel; the rest is specific to its distribution.
    system: `${type()} ${release().split(".").slice(0, 2).join(".")}`,
    engine: await versionOfEngine(),
    compose: compose === undefined ? "none" : outputOf(compose, "version", "--short"),
    reyns: (JSON.parse(outputOf(reyns, "version", "--json")) as { version: string }).version,
  };
}
