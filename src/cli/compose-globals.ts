import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { ArgsDef } from "citty";
import { ReynsError } from "../errors.ts";
import { camelCase } from "../lib/letter-case.ts";
import { composeFolderVariable } from "../project/compose/find-files.ts";
import { findProject, type ProjectPlace } from "../project/locate.ts";
import { argumentNames } from "./args/assign.ts";
import type { Token, TokenizedCall } from "./args/tokenize.ts";

/** Compose's options before its command, by what they choose. */
const spellings: Readonly<Record<string, Name>> = {
  f: "file",
  file: "file",
  p: "project-name",
  "project-name": "project-name",
  C: "project-directory",
  "project-directory": "project-directory",
  profile: "profile",
  "env-file": "env-file",
};

type Name = "file" | "project-name" | "project-directory" | "profile" | "env-file";

/** The options of a call, in the order in which they were given. */
type TakenOptions = readonly (readonly [name: Name, value: string])[];

/** Options that change nothing here, or are a key of some commands -> what to do instead. */
const otherOptions: Readonly<Record<string, string>> = {
  "all-resources": "leave it out: networks and volumes that nothing uses are not created",
  ansi: "leave it out; for output without colors: NO_COLOR=1 reyns COMMAND",
  compatibility: "leave it out: names of containers never follow Compose 1",
  "dry-run": "to see what up would do: reyns plan",
  parallel: "write it after the command: reyns up jobs=NUMBER",
  progress:
    "leave it out; for results and errors only: reyns up quiet; for a script: reyns up json",
  verbose: "leave it out; for each request to the Engine: LOG_LEVEL=DEBUG reyns COMMAND",
};

/**
 * Takes Compose's options before the command, such as `-f a.yaml --profile test`, and sets the variables that mean the
 * same for this process.
 *
 * @param env changed
 * @returns the call that begins with its command
 * @throws ReynsError INVALID_VALUE, UNKNOWN_KEY
 */
export async function takeGlobalOptions(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string[]> {
  const { given, rest } = splitGlobalOptions(argv);
  await applyOptions(given, env);
  return rest;
}

/** Compose's options before the command, and the call that begins with it. */
export function splitGlobalOptions(argv: readonly string[]): {
  given: TakenOptions;
  rest: string[];
} {
  const given: [Name, string][] = [];
  const queue = [...argv];
  for (let option = parseOption(queue[0]); option; option = parseOption(queue[0])) {
    const [text = ""] = queue.splice(0, 1);
    const { key, value = queue.shift() } = option;
    const name = spellings[key] as Name;
    given.push([name, checkValue(text.split("=", 1)[0] ?? "", name, value)]);
  }
  return { given, rest: queue };
}

/**
 * The same after the command, in full (`--profile test`), unless the command has a key of that name.
 *
 * @param before those before the command: what can be repeated adds to them
 */
export async function takeLateOptions(
  call: TokenizedCall,
  args: ArgsDef,
  before: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<TokenizedCall> {
  const own = argumentNames(args);
  const given: [Name, string][] = [];
  const tokens: Token[] = [];
  const queue = [...call.tokens];
  for (let token = queue.shift(); token; token = queue.shift()) {
    const { key = "" } = token;
    if (!isLateOption(token) || own.has(camelCase(key))) tokens.push(token);
    else {
      const name = key as Name;
      given.push([name, checkValue(`--${key}`, name, token.value ?? queue.shift()?.text)]);
    }
  }
  if (given.length === 0) return call;
  await applyOptions([...splitGlobalOptions(before).given, ...given], env);
  return { ...call, tokens };
}

function isLateOption({ text, key = "" }: Token): boolean {
  return text.startsWith("--") && key.length > 1 && Object.hasOwn(spellings, key);
}

/** @throws ReynsError UNKNOWN_KEY for options of Compose that do not exist here */
function parseOption(text = ""): { key: string; value: string | undefined } | undefined {
  const [, long, short, attached] = /^(?:--([a-z-]+)|-([A-Za-z]))([^]*)$/.exec(text) ?? [];
  const key = long ?? short ?? "";
  if (Object.hasOwn(otherOptions, key) && long !== undefined)
    throw new ReynsError("UNKNOWN_KEY", `unknown option "--${key}"`, { hint: otherOptions[key] });
  if (!Object.hasOwn(spellings, key)) return undefined;
  return { key, value: attached === "" ? undefined : attached?.replace(/^=/, "") };
}

const examples: Readonly<Record<Name, string>> = {
  file: "reyns -f compose.yaml -f compose.prod.yaml up",
  "project-name": "reyns -p shop up",
  "project-directory": "reyns --project-directory ../shop up",
  profile: "reyns --profile tools up",
  "env-file": "reyns --env-file prod.env up",
};

/** @param option as it was typed, with its hyphens */
function checkValue(option: string, name: Name, value: string | undefined): string {
  if (value === undefined || value === "")
    throw invalid(`${option} needs a value`, `for example: ${examples[name]}`);
  return value;
}

function invalid(message: string, hint: string): ReynsError {
  return new ReynsError("INVALID_VALUE", message, { hint });
}

async function applyOptions(given: TakenOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const valuesOf = (name: Name): string[] =>
    given.flatMap(([each, value]) => (each === name ? [value] : []));
  const files = valuesOf("file").map(fileOf);
  const folder = valuesOf("project-directory").map(folderOf).at(-1);
  if (files[0] !== undefined) {
    env["COMPOSE_FILE"] = files.join(separator);
    env["COMPOSE_PATH_SEPARATOR"] = separator;
    env["PROJECT_DIR"] = dirname(files[0]);
  }
  if (folder !== undefined) env["PROJECT_DIR"] = folder;
  if (folder !== undefined && files.length > 0) env[composeFolderVariable] = folder;
  const profiles = valuesOf("profile");
  if (profiles.length > 0) env["COMPOSE_PROFILES"] = profiles.join(",");
  const envFiles = valuesOf("env-file").map(envFileOf);
  if (envFiles.length > 0) env["COMPOSE_ENV_FILES"] = envFiles.join(",");
  const place = await findProject(process.cwd(), env).catch(() => undefined);
  if (place) rejectWithoutEffect(given, place);
  const name = valuesOf("project-name").at(-1);
  if (name !== undefined) setProjectName(name, place, env);
}

/** Unlike a colon, it is in the path of hardly any file. */
const separator = "\n";

/** @throws ReynsError INVALID_VALUE */
function folderOf(folder: string): string {
  const path = resolve(folder);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return path;
  const problem = found ? "not a folder" : "no such folder";
  throw invalid(
    `--project-directory ${folder}: ${problem}`,
    "name it relative to the current folder",
  );
}

/** @throws ReynsError INVALID_VALUE, as Compose's variable has commas between the files */
function envFileOf(file: string): string {
  const path = resolve(file);
  if (!path.includes(",")) return path;
  throw invalid(
    `--env-file ${file} is not supported: its path ${path} has a comma`,
    "rename what has it; for several files: --env-file a.env --env-file b.env",
  );
}

/** @throws ReynsError INVALID_VALUE for what is no file of this machine */
function fileOf(file: string): string {
  if (file === "-")
    throw invalid(
      "-f - is not supported: a Compose file is not read from standard input",
      "write it to a file in the project's folder, and name that: reyns -f FILE up",
    );
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(file))
    throw invalid(
      `-f ${file} is not supported: only files of this machine are read`,
      "fetch it first",
    );
  if (!existsSync(file))
    throw invalid(`-f ${file}: no such file`, "name it relative to the current folder");
  const path = resolve(file);
  if (path.includes(separator))
    throw invalid(`-f ${file} is not supported: its path has a line break`, "rename what has it");
  return path;
}

/** Compose's own variable keeps the underscores that a name may have there. */
function setProjectName(
  name: string,
  place: ProjectPlace | undefined,
  env: NodeJS.ProcessEnv,
): void {
  const isCompose = place?.compose !== undefined;
  env[isCompose ? "COMPOSE_PROJECT_NAME" : "PROJECT_NAME"] = name;
  if (isCompose) delete env["PROJECT_NAME"];
}

const insteadInScript: Readonly<Record<string, string>> = {
  file: "for another folder: reyns --project-directory FOLDER COMMAND",
  profile: "for the instances of one group: reyns run group=NAME",
  "env-file": "name the file in reyns.ts: envFile",
};

/** @throws ReynsError INVALID_VALUE for options about a Compose file where something else is the definition */
function rejectWithoutEffect(given: TakenOptions, { compose, script, folder }: ProjectPlace): void {
  if (compose !== undefined) return;
  const readsCompose = script !== undefined && /\bcompose\s*\(/.test(readFileSync(script, "utf8"));
  const [name] =
    given.find(
      ([each]) => Object.hasOwn(insteadInScript, each) && (each === "file" || !readsCompose),
    ) ?? [];
  if (name === undefined) return;
  const what = script ?? `${folder}, which has no Compose file`;
  const message = `--${name} has no effect: the project is defined by ${what}`;
  throw invalid(message, insteadInScript[name] ?? "");
}
