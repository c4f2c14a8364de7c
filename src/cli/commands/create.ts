import { readdir, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { log } from "../../ui/output/log.ts";
import { canPrompt, chooseName } from "../../ui/prompts/prompts.ts";
import { extractAssets } from "../../assets.ts";
import { ReynsError } from "../../errors.ts";
import { checkProjectName } from "../../model/host-names.ts";
import { acceptedHint } from "../../lib/suggest.ts";
import { writeEditorFiles } from "../shared/editor-files.ts";

const templates = {
  minimal: "one service with its own image",
  "web-db": "a web service and a PostgreSQL database, with a task",
  multinode: "a DNS server, and services that find each other by name",
} as const;

type Template = keyof typeof templates;

export const examples: Examples = [
  ["reyns create shop", "prompts for the template"],
  ["reyns create shop template=web-db", "with this template"],
  ["reyns create shop yes", "asks nothing; uses minimal"],
];

export const command = defineCommand({
  meta: {
    name: "create",
    description: `Creates a project in ./NAME from a template: ${Object.entries(templates)
      .map(([name, text]) => `${name} (${text})`)
      .join("; ")}.`,
  },
  args: {
    name: { type: "positional", required: true, description: "Name of the project" },
    template: {
      type: "string",
      valueHint: Object.keys(templates).join("|"),
      description: "Template to use; prompted for on a terminal, minimal otherwise",
    },
    yes: args.yes,
    json: args.json,
  },
  run: async ({ args: { name: nameArg, template: templateArg, yes, json } }) => {
    const name = checkProjectName(nameArg);
    const folder = resolve(name);
    await checkEmpty(folder, name);
    const template = templateArg ?? (await chooseTemplate(yes ?? json ?? false));
    if (!isTemplate(template)) throw unknownTemplate(template);
    const written = await extractAssets(`templates/${template}`, folder, (text) =>
      text.replaceAll("my-project", name),
    );
    await writeEditorFiles(folder);
    if (json) printJson({ folder, template, written });
    else print(await nextSteps(name, template));
  },
});

/** @throws ReynsError FILE_REFUSED when a new project would mix with other files */
async function checkEmpty(folder: string, name: string): Promise<void> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  if (entries.length === 0) return;
  const hint = `choose another name, or move its files away: ${entries.slice(0, 5).join(", ")}`;
  throw new ReynsError("FILE_REFUSED", `./${name} is not empty`, { hint });
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
async function nextSteps(name: string, template: Template): Promise<string> {
  const readme = await readFile(resolve(name, "README.md"), "utf8");
  const [, commands = ""] = /```\n([^]*?)```/.exec(readme) ?? [];
  return [
    `Created the project "${name}" from the template ${template}.`,
    `Next steps, from its README.md, in the folder "${name}":`,
    "",
    commands.trimEnd(),
  ].join("\n");
}
