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

/** What each template is, for whoever chooses among them. */
const templates = {
  minimal: "one service, built here",
  "web-db": "a web service and a PostgreSQL, with a task",
  multinode: "a DNS, and services that find each other by name",
} as const;

type Template = keyof typeof templates;

export const examples: Examples = [
  ["reyns create shop", "asks for the template"],
  ["reyns create shop template=web-db", "a web service and a PostgreSQL"],
  ["reyns create shop yes", "asks nothing: the smallest one"],
];

export const command = defineCommand({
  meta: {
    name: "create",
    description: `Makes a new project in ./NAME from a template: ${Object.entries(templates)
      .map(([name, text]) => `${name} (${text})`)
      .join("; ")}.`,
  },
  args: {
    name: { type: "positional", required: false, description: "Name of the project" },
    template: {
      type: "string",
      valueHint: Object.keys(templates).join("|"),
      description: "Asked for on a terminal, else minimal",
    },
    yes: args.yes,
    json: args.json,
  },
  run: async ({ args: { name: given, template: wanted, yes, json } }) => {
    const name = checkProjectName(args.needWord(given, "name", "reyns create shop"));
    const folder = resolve(name);
    await refuseFull(folder, name);
    const template = args.given(wanted) ?? (await chosenTemplate(yes ?? json ?? false));
    if (!isTemplate(template)) throw unknownTemplate(template);
    const written = await extractAssets(`templates/${template}`, folder, (text) =>
      text.replaceAll("my-project", name),
    );
    await writeEditorFiles(folder);
    if (json) printJson({ folder, template, written });
    else print(await nextSteps(name, template));
  },
});

/** What lies there already is not to be mixed with a new project. */
async function refuseFull(folder: string, name: string): Promise<void> {
  const present = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  if (present.length === 0) return;
  const hint = `choose another name, or move away what is there: ${present.slice(0, 5).join(", ")}`;
  throw new ReynsError("FILE_REFUSED", `./${name} is not empty`, { hint });
}

async function chosenTemplate(yes: boolean): Promise<string> {
  if (canPrompt(yes)) return chooseName("Which template?", templates);
  log.info(
    `template: minimal; others by template=${Object.keys(templates).slice(1).join(", template=")}`,
  );
  return "minimal";
}

function isTemplate(word: string): word is Template {
  return Object.hasOwn(templates, word);
}

function unknownTemplate(word: string): ReynsError {
  const hint = acceptedHint(word, Object.keys(templates));
  return new ReynsError("INVALID_VALUE", `no template "${word}"`, { hint });
}

/** The commands that the template's README begins with. */
async function nextSteps(name: string, template: Template): Promise<string> {
  const readme = await readFile(resolve(name, "README.md"), "utf8");
  const [, commands = ""] = /```\n([^]*?)```/.exec(readme) ?? [];
  return [
    `Project "${name}" created from the template ${template}.`,
    `Change into "${name}", then, as its README.md says:`,
    "",
    commands.trimEnd(),
  ].join("\n");
}
