import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { defineCommand } from "citty";
import * as args from "../../args/common.ts";
import type { Examples } from "../../help/help.ts";
import { log } from "../../../ui/output/log.ts";
import { print, printJson } from "../../../ui/output/print.ts";
import { ReynsError } from "../../../errors.ts";
import { listConfFiles, type ConfFile } from "../../../project/conf/files.ts";
import { readConfFile } from "../../../project/conf/read.ts";
import { convertConfs } from "../../../project/conf/convert.ts";
import { findComposeFile, type ProjectPlace } from "../../../project/locate.ts";
import { addToGitIgnore, addToIgnored } from "../../../project/git-ignore.ts";
import { saveHostConf } from "../../../project/host-conf.ts";
import type { Environment } from "../../../lib/environment.ts";
import { guessProjectName } from "../../../project/guess-name.ts";
import type { Conf } from "../../../model/project.ts";
import { hostConfFile } from "../../../model/resource-names.ts";
import { writeFileAtomic } from "../../../lib/write-file-atomic.ts";
import { inspectProject } from "../../../project/read.ts";
import { locateProject } from "../../common/context.ts";
import { assumeValues, checkConverted, requireValues, type AssumedValues } from "./mistakes.ts";

export const examples: Examples = [
  ["reyns convert", "writes reyns.ts next to the .conf files, or to compose.yaml"],
  ["reyns convert check", "writes nothing, and reports what would differ"],
  ["reyns convert force", "overwrites an existing reyns.ts"],
  ["reyns convert json", "with the notes as JSON"],
];

export const command = defineCommand({
  meta: {
    name: "convert",
    description:
      "Writes a reyns.ts that gives the same plan as the project's .conf files or its compose.yaml, and reports what it could not convert. Values of .env that reyns.ts looks up go to host.conf.",
  },
  args: {
    force: { type: "boolean", description: "Overwrite an existing reyns.ts" },
    check: { type: "boolean", description: "Write nothing, and report what would differ" },
    allow: args.allow,
    json: args.json,
  },
  run: async ({ args: { force, check, allow, json } }) => {
    const place = await locateProject();
    const compose = findComposeSource(place);
    if (compose === undefined && listConfFiles(place).length === 0) throw nothingToConvert(place);
    const file = join(place.folder, "reyns.ts");
    if (existsSync(file) && !force && !check) {
      const hint = "move it away, or add force=true";
      throw new ReynsError("FILE_REFUSED", "reyns.ts exists already", { hint, at: { file } });
    }
    const env = args.withAllowed(process.env, allow);
    const source = { ...place, compose, script: undefined };
    const assumed = await assumeValues(source, env);
    const convertWith = async (values: AssumedValues): Promise<Converted> =>
      compose ? convertComposeFiles(source, { ...env, ...values }) : convertConfFiles(source, env);
    const converted = await convertWith(assumed);
    const { text, notes, sources, hostValues, lostSecrets } = converted;
    await requireValues(assumed, async (values) => (await convertWith(values)).text, source, env);
    await checkConverted(place, text, env, assumed);
    if (!check) {
      const before = await stat(file).catch(() => undefined);
      writeFileAtomic(file, text, before && before.mode & 0o777);
      saveValues(place.folder, hostValues);
      reportIgnored(addToIgnored(place.folder, lostSecrets));
    }
    if (json) return printJson({ file, notes });
    const names = sources.join(", ");
    print(check ? `${names} can be converted` : `${file} is written, from ${names}`);
    for (const note of notes) log.warn(note);
    if (!check) log.info(`from now on, reyns.ts is read, and no longer ${names}`);
  },
});

function saveValues(folder: string, values: Readonly<Record<string, string>>): void {
  if (Object.keys(values).length === 0) return;
  const file = join(folder, hostConfFile);
  const added = existsSync(file) ? [] : addToGitIgnore(folder, [file]);
  saveHostConf(folder, values);
  reportIgnored(added);
}

function reportIgnored(added: readonly string[]): void {
  if (added.length > 0) log.info(`added to .gitignore: ${added.join(", ")}`);
}

/** A `reyns.ts`, and the names of what it was made of. */
interface Converted {
  readonly text: string;
  readonly notes: readonly string[];
  readonly sources: readonly string[];
  readonly hostValues: Readonly<Record<string, string>>;
  readonly lostSecrets: readonly string[];
}

async function convertComposeFiles(place: ProjectPlace, env: Environment): Promise<Converted> {
  const { convertComposeProject } = await import("../../../project/compose/convert.ts");
  const { files, ...converted } = await convertComposeProject(place, env);
  return { ...converted, sources: files.map((file) => relative(place.folder, file)) };
}

async function convertConfFiles(place: ProjectPlace, env: Environment): Promise<Converted> {
  const project = (await guessProjectName(place, env)) ?? "project";
  const files = confFilesOf(place);
  const confs = files.map(({ name, path }) => readConfFile(path, name).conf);
  const services = [...(await inspectProject(place, env, confs[0]?.name)).project.services.keys()];
  const converted = convertConfs({ project, confs, dockerOps: isDockerOps(confs), services });
  const sources = files.map(({ path }) => relative(place.folder, path));
  return { ...converted, sources, hostValues: {}, lostSecrets: [] };
}

/** Compose's file, also where a `reyns.ts` was written beside it already. */
function findComposeSource(place: ProjectPlace): string | undefined {
  if (place.compose !== undefined || listConfFiles(place).length > 0) return place.compose;
  const name = findComposeFile(place.folder);
  return name === undefined ? undefined : join(place.folder, name);
}

/** All .conf files, the default one first: it is called "default" from now on. */
function confFilesOf(place: ProjectPlace): ConfFile[] {
  const files = listConfFiles(place);
  const standard = ["default", "run"].find((name) => files.some((file) => file.name === name));
  return files.toSorted((a, b) => Number(b.name === standard) - Number(a.name === standard));
}

function nothingToConvert({ folder }: ProjectPlace): ReynsError {
  const message = `${folder} has no compose.yaml and no .conf file to convert`;
  const hint = "call it in the folder of such a file, or start a project with: reyns create";
  return new ReynsError("NO_PROJECT", message, { hint });
}

/** `run.conf` is the default conf of the oldest projects. */
function isDockerOps([first]: readonly Conf[]): boolean {
  return first?.name === "run";
}
