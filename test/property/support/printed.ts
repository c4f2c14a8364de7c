// Makes calls against an Engine whose answers are hostile, in a folder whose files are, and writes to a file what was
// printed that must not be. Standard output and standard error have to be OUTPUT. Usage: bun printed.ts SEED COUNT OUTPUT FAULTS
import { closeSync, openSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import * as fc from "fast-check";
import { dispatch } from "../../../src/cli/dispatch.ts";
import { commands } from "../../../src/cli/registry.ts";
import { attackText, hostileAnswer } from "./hostile-engine.ts";

const [seedText = "0", count = "0", outputFile = "", faultsFile = ""] = process.argv.slice(2);
const seed = Number(seedText);
const output = openSync(outputFile, "r");
/** They change the machine instead of the project, need a terminal, or go on until something ends. */
const left = new Set([
  "upgrade",
  "uninstall",
  "init",
  "install_demo",
  "__proxy",
  "__complete",
  "events",
  "wait",
]);

/** The output since the last call of this function. */
function printed(): string {
  const bytes = Buffer.alloc(1 << 21);
  return bytes.toString("utf8", 0, readSync(output, bytes, 0, bytes.length, null));
}

const calls = [
  ...["ps", "ps all", "ps reallyall", "status", "info web one", "info web two", "getip web one"],
  ...[
    "logs web one",
    "logs all timestamps",
    "dns",
    "dns web",
    "plan",
    "plan web",
    "run all",
    "run web",
  ],
  ...["clean all force=true", "clean reallyall force=true", "clean web data=true force=true"],
  ...["stop all", "start all", "restart web", "rerun web", "volumes", "volumes remove yes", "keys"],
  ...[
    "check",
    "graph",
    "graph format=svg",
    "graph format=mermaid",
    "doctor",
    "convert",
    "do t",
    "do",
  ],
  ...["shell web one command=id", "ssh web one command=id", "exec web one command=id", "version"],
  ...["kill web", "pause web", "unpause web", "stats web"],
  ...[
    "build web",
    "build all",
    "help run",
    "ls",
    "top web",
    "port web",
    "create sub",
    "completion bash",
    "keys export -",
  ],
];
/** Each has a call: a new command has to be here. */
const missing = Object.keys(commands).filter(
  (name) => !left.has(name) && !calls.some((line) => line.split(" ")[0] === name),
);
if (missing.length > 0) throw new Error(`no call of ${missing.join(", ")}`);

const hostileWord = attackText.map((text) => text.replaceAll("\0", ""));
const call = fc.record({
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

let texts: readonly string[] = [];
let drawn = 0;
const draw = (): string => texts[drawn++ % texts.length] ?? "";
const socket = join(tmpdir(), `reyns-hostile-${process.pid}.sock`);
const top = process.cwd();
const answer = (request: Request): Response =>
  hostileAnswer(request, draw, { project: "shop", folder: process.cwd() });
const server = Bun.serve({ unix: socket, fetch: answer });

/** The colours of Reyns itself; those of the hostile texts are others. */
// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const ownColours = /\u001B\[(?:0|1|2|4|22|24|3[1-69]|90)m/g;

/** Why a text must not be printed; undefined when it may. */
function faultOf(text: string, name: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- see above
  const allowed = name === "logs" ? /\u001B\[[\d;:]*m/g : ownColours;
  const rest = text.replace(allowed, "");
  const control = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u.exec(rest);
  if (control)
    return `a control character: ${JSON.stringify(rest.slice(control.index - 60, control.index + 30))}`;
  if (/this is a bug in Reyns|"code": "INTERNAL"/.test(text)) return "a stack";
  if (name !== "logs" && /^FORGED/m.test(rest)) return "a forged line";
  return undefined;
}

const found: object[] = [];
const statuses: Record<number, number> = {};
const usual = { ...process.env, DOCKER_HOST: `unix://${socket}`, ENGINE_TIMEOUT: "2" };
for (const { line, more, folder, colours, debug, ...sample } of fc.sample(call, {
  seed,
  numRuns: Number(count),
})) {
  for (const key of Object.keys(process.env)) delete process.env[key];
  Object.assign(process.env, usual, colours ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" });
  if (debug) process.env["LOG_LEVEL"] = "DEBUG";
  ({ texts } = sample);
  process.chdir(join(top, folder));
  const [name = "", ...words] = line.split(" ");
  const argv = [name, ...words, ...more];
  const status = await dispatch(argv);
  statuses[status] = (statuses[status] ?? 0) + 1;
  const text = printed();
  const fault = faultOf(text, name);
  if (fault !== undefined) found.push({ argv, colours, fault, text: text.slice(0, 3000) });
}
closeSync(output);
writeFileSync(faultsFile, JSON.stringify({ statuses, found }));
await server.stop(true);
// oxlint-disable-next-line unicorn/no-process-exit -- connections that calls left open would keep the process alive
process.exit(0);
