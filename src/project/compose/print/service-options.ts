import type { MountInput } from "../../../api/mount-options.ts";
import type { ServiceOptions } from "../../../api/options.ts";
import { isRecord } from "../../../lib/is-record.ts";
import type { ComposeEnvFile } from "../compose-file.ts";
import type { ComposeProject, TextPart, ValueSource } from "../compose-project.ts";
import { fileTarget } from "../mapping/files.ts";
import { relativePath } from "../mapping/values.ts";
import { envFileValue } from "./env-file-values.ts";
import { templateSource, type TemplateValue } from "./sources.ts";
import { envValue, fixedNote, keepHostValue, templateText, type ValuePrinter } from "./values.ts";

/** The options of an instance, with variables where the file has them. */
export function serviceOptions(
  name: string,
  { env, volumes, files: copies, ...options }: ServiceOptions,
  project: ComposeProject,
  printer: ValuePrinter,
): Record<string, unknown> {
  const values = envOf(name, env ?? {}, project, printer);
  const files = envFilesOf(name, project);
  for (const secret of Object.values<unknown>(options.secrets ?? {}))
    if (isRecord(secret) && typeof secret["environment"] === "string")
      keepHostValue(secret["environment"], secret["environment"], printer);
  return {
    ...options,
    ...(Object.keys(values).length === 0 ? {} : { env: values }),
    ...(copies === undefined ? {} : { files: filesOfConfigs(name, copies, project, printer) }),
    ...(files.length === 0 ? {} : { envFile: files.length === 1 ? files[0] : files }),
    ...(volumes === undefined ? {} : { volumes: (volumes as MountInput[]).map(shortMount) }),
  };
}

/** Without the variables of env files, which are named instead. */
function envOf(
  name: string,
  env: NonNullable<ServiceOptions["env"]>,
  project: ComposeProject,
  printer: ValuePrinter,
): Record<string, unknown> {
  const entries = Object.entries(env).flatMap(([key, value]) => {
    const path = ["services", name, "environment", key];
    const isInFile = project.sourceOf(path)?.kind === "envFile";
    if (!isInFile || hasRawFile(name, project))
      return [[key, envValue(key, value, path, printer)] as const];
    const written = envFileValue(name, key, env, printer);
    return written === undefined ? [] : [[key, written] as const];
  });
  return Object.fromEntries(entries);
}

/** The variables in the text of a config may be secrets. */
function filesOfConfigs(
  name: string,
  copies: NonNullable<ServiceOptions["files"]>,
  project: ComposeProject,
  printer: ValuePrinter,
): Record<string, unknown> {
  const files: Record<string, unknown> = { ...copies };
  for (const use of project.file.services[name]?.configs ?? []) {
    const source = project.sourceOf(["configs", use.source, "content"]);
    const target = fileTarget("configs", use);
    const given = files[target];
    const parts = source && partsOf(source);
    if (!parts || !isRecord(given)) continue;
    const content = templateText(parts);
    if (content) files[target] = { ...given, content };
    else printer.notes.push(fixedNote(`content of the config ${use.source}`, parts));
  }
  return files;
}

function partsOf(source: ValueSource): readonly TextPart[] | undefined {
  if (source.kind === "template") return source.parts;
  if (source.kind !== "variable") return undefined;
  return [{ text: "", variable: { name: source.name, operator: "", word: "" } }];
}

function filesOf(name: string, { file }: ComposeProject): readonly ComposeEnvFile[] {
  return file.services[name]?.env_file ?? [];
}

/** Reyns reads env files as Compose does by default. */
function hasRawFile(name: string, project: ComposeProject): boolean {
  return filesOf(name, project).some(({ format }) => format !== undefined);
}

function envFilesOf(name: string, project: ComposeProject): unknown[] {
  if (hasRawFile(name, project)) return [];
  return filesOf(name, project).map(({ path, required }) => {
    const local = relativePath(project.folder, path);
    return required ? local : { path: local, required };
  });
}

/** A missing folder is made anyway where it is the project's. */
function shortMount(mount: MountInput): MountInput {
  if (typeof mount === "string" || mount.type !== "bind") return mount;
  const { source, target, readOnly, bind = {} } = mount;
  const isPlain = Object.keys(bind).every((key) => key === "createHostPath");
  return isPlain ? `${source}:${target}${readOnly ? ":ro" : ""}` : mount;
}

/** What is worth a line before a service: its profiles, and variables that are written as the values that they have now. */
export function serviceComments(
  name: string,
  lost: readonly TemplateValue[],
  project: ComposeProject,
): string[] {
  const { profiles = [] } = project.file.services[name] ?? {};
  const word = profiles.length === 1 ? "Profile" : "Profiles";
  return [
    ...(profiles.length === 0 ? [] : [`${word} ${profiles.join(", ")}.`]),
    ...lost.map((template) => `${fieldOf(template)} was ${templateSource(template.parts)}`),
  ];
}

/** "ports" for the path of one of its parts. */
export function fieldOf({ path }: TemplateValue): string {
  const keys = path.slice(2);
  const end = keys.findIndex((key) => typeof key === "number");
  return keys.slice(0, end < 0 ? undefined : end).join(".");
}
