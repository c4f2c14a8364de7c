import { cpus, totalmem, type, release } from "node:os";
import type { Executables } from "./copies.ts";
import { versionOfEngine } from "./engine.ts";

/** What the figures were measured on. */
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
  const say = (...words: string[]): string => Bun.spawnSync(words).stdout.toString().trim();
  return {
    processors: `${all.length} x ${all[0]?.model.trim() ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    // Two numbers tell one kernel from another; the rest is its builder's.
    system: `${type()} ${release().split(".").slice(0, 2).join(".")}`,
    engine: await versionOfEngine(),
    compose: compose === undefined ? "none" : say(compose, "version", "--short"),
    reyns: (JSON.parse(say(reyns, "version", "--json")) as { version: string }).version,
  };
}
