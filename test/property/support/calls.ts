// Makes calls with random arguments within this process, through the function that main.ts calls, and writes faults to a
// file. Standard output and standard error have to be OUTPUT. Usage: bun calls.ts SEED COUNT OUTPUT FAULTS
import { closeSync, openSync, readSync, writeFileSync } from "node:fs";
import * as fc from "fast-check";
import { dispatch } from "../../../src/cli/dispatch.ts";
import { callEnvironment, callWords, faultOf } from "./words.ts";

const [seed = "0", count = "0", outputFile = "", faults = ""] = process.argv.slice(2);
const output = openSync(outputFile, "r");

const bytes = Buffer.alloc(1 << 20);

/** The output since the last call of this function. */
function printed(): string {
  return bytes.toString("utf8", 0, readSync(output, bytes, 0, bytes.length, null));
}

const found: { words: readonly string[]; env: object; fault: string; output: string }[] = [];
const statuses: Record<number, number> = {};
const usual = { ...process.env };
const calls = fc.tuple(callWords, callEnvironment);
for (const [words, env] of fc.sample(calls, { seed: Number(seed), numRuns: Number(count) })) {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, usual, env);
  try {
    const status = await dispatch(words);
    statuses[status] = (statuses[status] ?? 0) + 1;
    const all = printed();
    const fault = faultOf(status, all);
    if (fault !== undefined) found.push({ words, env, fault, output: all.slice(0, 2000) });
  } catch (error) {
    found.push({ words, env, fault: "thrown", output: (error as Error).stack ?? String(error) });
  }
}
closeSync(output);
writeFileSync(faults, JSON.stringify({ statuses, found }));
// oxlint-disable-next-line unicorn/no-process-exit -- connections that calls left open would keep the process alive
process.exit(0);
