// Makes calls against an Engine whose answers are hostile, in a folder whose files are. Off a terminal it writes to FAULTS
// what was printed that must not be; standard output and standard error have to be OUTPUT. With OUTPUT "terminal" it
// announces each call by a mark, and whoever reads the terminal judges. Usage: bun printed.ts SEED COUNT OUTPUT FAULTS
import { closeSync, openSync, readSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import * as fc from "fast-check";
import { dispatch } from "../../../src/cli/dispatch.ts";
import { attackText, hostileAnswer } from "./hostile-engine.ts";
import { calls, terminalCalls } from "./printed-calls.ts";
import { faultOf } from "./printed-fault.ts";

const [seedText = "0", count = "0", outputFile = "", faultsFile = ""] = process.argv.slice(2);
const seed = Number(seedText);
const onTerminal = outputFile === "terminal";
const output = onTerminal ? -1 : openSync(outputFile, "r");

const bytes = Buffer.alloc(1 << 21);

/** The output since the last call of this function. */
function printed(): string {
  return bytes.toString("utf8", 0, readSync(output, bytes, 0, bytes.length, null));
}

/** What follows on the terminal is the output of this call. */
function announce(argv: readonly string[]): void {
  writeSync(1, `\n<<<${Buffer.from(JSON.stringify(argv)).toString("base64")}>>>\n`);
}

const hostileWord = attackText.map((text) => text.replaceAll("\0", ""));
interface Call {
  readonly line: string;
  readonly more: readonly string[];
  readonly folder: string;
  readonly colours: boolean;
  readonly debug: boolean;
  readonly texts: readonly string[];
}
const plainCall: fc.Arbitrary<Call> = fc.record({
  line: fc.constantFrom(...calls),
  more: fc.oneof(
    { weight: 6, arbitrary: fc.constant([]) },
    fc.tuple(fc.constant("json")),
    fc.tuple(hostileWord),
  ),
  folder: fc.constantFrom("plain", "hostile"),
  colours: fc.boolean(),
  debug: fc.boolean(),
  texts: fc.array(attackText, { minLength: 12, maxLength: 12 }),
});
const terminalCall: fc.Arbitrary<Call> = fc.record({
  line: fc.constantFrom(...terminalCalls),
  more: fc.constant([]),
  folder: fc.constantFrom("plain", "asking"),
  colours: fc.boolean(),
  debug: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.boolean()),
  texts: fc.array(attackText, { minLength: 12, maxLength: 12 }),
});

let texts: readonly string[] = [];
let drawn = 0;
const draw = (): string => texts[drawn++ % texts.length] ?? "";
const socket = join(tmpdir(), `reyns-hostile-${process.pid}.sock`);
const top = process.cwd();
const server = Bun.serve({
  unix: socket,
  fetch: async (request) => {
    // Long enough for what is redrawn to be drawn.
    if (onTerminal && request.method !== "GET") await Bun.sleep(130);
    return hostileAnswer(request, draw, { project: "shop", folder: process.cwd() });
  },
});

const found: object[] = [];
const statuses: Record<number, number> = {};
const usual = { ...process.env, DOCKER_HOST: `unix://${socket}`, ENGINE_TIMEOUT: "2" };
const samples = fc.sample(onTerminal ? terminalCall : plainCall, { seed, numRuns: Number(count) });
for (const { line, more, folder, colours, debug, ...sample } of samples) {
  for (const key of Object.keys(process.env)) delete process.env[key];
  Object.assign(process.env, usual, colours ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" });
  if (debug) process.env["LOG_LEVEL"] = "DEBUG";
  ({ texts } = sample);
  process.chdir(join(top, folder));
  const [name = "", ...words] = line.split(" ");
  const argv = [
    name,
    ...words.map((word) => (word === "KEYS" ? join(top, "keys.json") : word)),
    ...more,
  ];
  if (onTerminal) announce(argv);
  const interrupt = setTimeout(() => process.emit("SIGINT"), 2000);
  const status = await dispatch(argv);
  clearTimeout(interrupt);
  statuses[status] = (statuses[status] ?? 0) + 1;
  if (onTerminal) continue;
  const text = printed();
  const fault = faultOf(text, argv);
  if (fault !== undefined) found.push({ argv, colours, fault, text: text.slice(0, 3000) });
}
if (onTerminal) announce(["end"]);
else closeSync(output);
writeFileSync(faultsFile, JSON.stringify({ statuses, found }));
await server.stop(true);
// oxlint-disable-next-line unicorn/no-process-exit -- connections that calls left open would keep the process alive
process.exit(0);
