import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { log } from "../../ui/output/log.ts";
import { sanitizeLine } from "../../ui/output/sanitize.ts";
import { canPrompt, chooseName } from "../../ui/prompts/prompts.ts";
import { extractAssets, readAssetFiles } from "../../assets.ts";
import { hasCode, ReynsError } from "../../errors.ts";
import { checkProjectName, toValidName } from "../../model/host-names.ts";
import { acceptedHint } from "../../lib/suggest.ts";
import { listConfFiles } from "../../project/conf/files.ts";
import { appendLines } from "../../project/git-ignore.ts";
import { findComposeFile, findProject, type ProjectPlace } from "../../project/locate.ts";
import { readStaticNames } from "../../project/static-names.ts";
import { writeEditorFiles } from "../common/editor-files.ts";

const templates = {
  minimal: "one service with its own image",
  "web-db": "a web service and a PostgreSQL database, with a task",
  multinode: "a DNS server, and services that find each other by name",
} as const;

type Template = keyof typeof templates;

export const examples: Examples = [
  ["reyns create shop", "prompts for the template"],
  ["reyns create shop template=web-db", "with this template"],
  ["reyns create .", "in this folder, beside the files that it has"],
  ["reyns create shop yes", "asks nothing; uses minimal"],
];

export const command = defineCommand({
  meta: {
    name: "create",
    description: `Creates a project in ./NAME, or in this folder with ".", from a template: ${Object.entries(
      templates,
    )
      .map(([name, text]) => `${name} (${text})`)
      .join("; ")}. Overwrites no file.`,
  },
  args: {
    name: { type: "positional", required: true, description: 'Name of the project, or "."' },
    template: {
      type: "string",
      valueHint: Object.keys(templates).join("|"),
      description: "Template to use; prompted for on a terminal, minimal otherwise",
    },
    yes: args.yes,
    json: args.json,
  },
  run: async ({ args: { name: nameArg, template: templateArg, yes, json } }) => {
    const isHere = /^\.\/?$/.test(nameArg);
    const name = isHere ? toValidName(basename(process.cwd())) : checkProjectName(nameArg);
    const folder = isHere ? process.cwd() : resolve(name);
    await (isHere ? checkNoConf(folder) : checkEmpty(folder, name));
    const place = await findOuterProject(folder);
    if (place && !isHere) refuseService(name, place);
    const outer = place?.folder;
    const template = templateArg ?? (await chooseTemplate(yes ?? json ?? false));
    if (!isTemplate(template)) throw unknownTemplate(template);
    const written = await writeTemplate(template, folder, name);
    if (outer !== undefined)
      log.info(sanitizeLine(`${folder} is inside another project: ${outer}`));
    if (json) printJson({ folder, template, written });
    else print(await nextSteps(name, template, isHere));
  },
});

/**
 * Writes the files of a template. A README.md and a .gitignore that exist stay; the latter gets the lines that it lacks.
 *
 * @returns the names of the new files
 * @throws ReynsError FILE_REFUSED naming all other files that exist with other content; nothing is written then
 */
async function writeTemplate(template: Template, folder: string, name: string): Promise<string[]> {
  const kept = new Set(
    ["README.md", ".gitignore"].filter((file) => existsSync(join(folder, file))),
  );
  const rename = (text: string): string => text.replaceAll("my-project", name);
  const written = await extractAssets(`templates/${template}`, folder, (text, file) =>
    kept.has(file) ? undefined : rename(text),
  );
  const ignored = (await templateText(template, ".gitignore")).split("\n");
  const patterns = ignored.filter((line) => line !== "" && !line.startsWith("#"));
  const added = appendLines(join(folder, ".gitignore"), patterns);
  if (added.length > 0) log.info(`added to .gitignore: ${added.join(", ")}`);
  const settings = Bun.file(join(folder, "tsconfig.json"));
  if ((await settings.exists()) && !(await settings.text()).includes(".reyns/tsconfig.json"))
    log.info(
      'tsconfig.json stays as it is; for types in reyns.ts, extend "./.reyns/tsconfig.json"',
    );
  const composeFile = findComposeFile(folder);
  if (composeFile !== undefined)
    log.info(
      `${composeFile} stays as it is, and reyns.ts takes its place; reyns convert force writes it from there`,
    );
  await writeEditorFiles(folder);
  return written;
}

async function templateText(template: Template, name: string): Promise<string> {
  const files = await readAssetFiles(`templates/${template}`);
  return files.find((file) => file.name === name)?.content.toString() ?? "";
}

/** @throws ReynsError FILE_REFUSED when a new project would mix with other files */
async function checkEmpty(folder: string, name: string): Promise<void> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  if (entries.length === 0) return;
  const hint = `choose another name; or, to add a project to its files: cd ${name} && reyns create .`;
  throw new ReynsError("FILE_REFUSED", `./${name} is not empty`, { hint });
}

/** @throws ReynsError FILE_REFUSED when a reyns.ts would take the place of a .conf */
async function checkNoConf(folder: string): Promise<void> {
  const [conf] = listConfFiles({ folder, servicesFolder: join(folder, "services") });
  if (!conf) return;
  const message = `this folder has a project already: ${conf.path}`;
  const hint = "write a reyns.ts from its .conf files with: reyns convert";
  throw new ReynsError("FILE_REFUSED", message, { hint });
}

/** The project around a new one, which commands in the new folder will no longer find. */
async function findOuterProject(folder: string): Promise<ProjectPlace | undefined> {
  return findProject(dirname(folder), {}).catch((error: unknown) => {
    if (hasCode(error, "NO_PROJECT")) return undefined;
    throw error;
  });
}

/**
 * Docker Compose's `create SERVICE` makes its container.
 *
 * @throws ReynsError INVALID_VALUE
 */
function refuseService(name: string, outer: ProjectPlace): void {
  if (!readStaticNames(outer).services.includes(name)) return;
  throw new ReynsError("INVALID_VALUE", `"${name}" is a service of the project around it`, {
    hint: `create makes a new project; to start the service: reyns run ${name}`,
  });
}

async function chooseTemplate(yes: boolean): Promise<string> {
  if (canPrompt(yes)) return chooseName("Which template?", templates);
  const [standard, ...others] = Object.keys(templates) as [Template, ...Template[]];
  log.info(`template: ${standard}; for another one: template=${others.join(" or template=")}`);
  return standard;
}

function isTemplate(name: string): name is Template {
  return Object.hasOwn(templates, name);
}

function unknownTemplate(name: string): ReynsError {
  const hint = acceptedHint(name, Object.keys(templates));
  return new ReynsError("INVALID_VALUE", `unknown template "${name}"`, { hint });
}

/** Next steps: the commands in the first code block of the template's README. */
async function nextSteps(name: string, template: Template, isHere: boolean): Promise<string> {
  const readme = (await templateText(template, "README.md")).replaceAll("my-project", name);
  const [, commands = ""] = /```\n([^]*?)```/.exec(readme) ?? [];
  return [
    `Created the project "${name}" from the template ${template}.`,
    "Next steps, from its README.md:",
    "",
    ...(isHere ? [] : [`cd ${name}`]),
    commands.trimEnd(),
  ].join("\n");
}
