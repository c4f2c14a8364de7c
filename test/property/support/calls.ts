// Makes calls of random words within this process, by the function that main.ts calls, and writes what went wrong into
// a file. Its standard output has to be a file as well. Usage: bun calls.ts SEED COUNT STDOUT FAULTS
import { closeSync, openSync, readSync, writeFileSync } from "node:fs";
import * as fc from "fast-check";
import { dispatch } from "../../../src/cli/dispatch.ts";
import { callEnvironment, callWords, faultOf } from "./words.ts";

const [seed = "0", count = "0", stdout = "", faults = ""] = process.argv.slice(2);
const output = openSync(stdout, "r");
let said = "";
console.warn = (...texts: unknown[]) => void (said += `${texts.join(" ")}\n`);

/** What has been printed since the last time. */
function printed(): string {
  const bytes = Buffer.alloc(1 << 20);
  return bytes.toString("utf8", 0, readSync(output, bytes, 0, bytes.length, null));
}

const found: { words: readonly string[]; env: object; fault: string; output: string }[] = [];
const statuses: Record<number, number> = {};
const usual = { ...process.env };
const calls = fc.tuple(callWords, callEnvironment);
for (const [words, env] of fc.sample(calls, { seed: Number(seed), numRuns: Number(count) })) {
  said = "";
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, usual, env);
  try {
    const status = await dispatch(words);
    statuses[status] = (statuses[status] ?? 0) + 1;
    const all = said + printed();
    const fault = faultOf(status, all);
    if (fault !== undefined) found.push({ words, env, fault, output: all.slice(0, 2000) });
  } catch (error) {
    found.push({ words, env, fault: "thrown", output: (error as Error).stack ?? String(error) });
  }
}
closeSync(output);
writeFileSync(faults, JSON.stringify({ statuses, found }));
// oxlint-disable-next-line unicorn/no-process-exit -- what calls have left open must not hold it back
process.exit(0);
