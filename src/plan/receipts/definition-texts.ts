import { stableJson } from "../../lib/stable-json.ts";
import { copiedFilePart } from "../../model/container-files.ts";
import { primaryVariable } from "../../model/dns-settings.ts";
import { environmentPart } from "../../model/labels.ts";
import type {
  EnvValue,
  InstanceDefinition,
  PortDefinition,
  Project,
  SecretDefinition,
  ServiceFolder,
} from "../../model/project.ts";
import { imageOf, prestartupOrder, tagged } from "../resolve/images.ts";
import type { SelectedInstance } from "../select/selection.ts";

/** The definition of an instance as texts, the same on every host and in every copy of the project. */
export interface DefinitionTexts {
  /** Part -> a text that depends on the definition alone. */
  readonly parts: Readonly<Record<string, string>>;
  /** What each host decides by itself. */
  readonly free: readonly string[];
}

/** Describes an instance by its definition, its service's annotations, the call and the presets of its type. */
export function definitionTexts(project: Project, selected: SelectedInstance): DefinitionTexts {
  const { definition, instanceType, properties, seedCommand } = selected;
  const service = project.services.get(selected.service);
  const ports = [...definition.ports, ...(service?.ports ?? [])];
  const env = { ...service?.requiredVariables, ...definition.env };
  const enabled = Object.entries(properties).filter(([, value]) => value);
  const values = {
    ...ownFields(definition),
    ...serviceFields(project, service),
    image: imageNameOf(project, selected),
    instanceType,
    seedCommand,
    publishSshOn: definition.publishSshOn === undefined ? undefined : true,
    ports: ports.map(({ container, protocol, ip }) => ({ container, protocol, ip })),
    ...Object.fromEntries(enabled),
    ...fileFields(definition),
    ...Object.fromEntries(
      Object.entries(env).map(([name, value]) => [
        environmentPart(name),
        name === primaryVariable ? { kind: "address" } : asDefined(value),
      ]),
    ),
  };
  return { parts: toTexts(values, project), free: freeParts(definition, env, ports) };
}

/** The name of the image that an instance runs, with its tag. */
export function imageNameOf(
  project: Pick<Project, "services">,
  { definition: { image }, service }: Pick<SelectedInstance, "definition" | "service">,
): string {
  return tagged(imageOf(project, { image, service }));
}

/** Fields that say nothing of what runs, that each host has of its own, or that are parts in another form. */
const apart: ReadonlySet<string> = new Set([
  ...["at", "warnings", "service", "instance", "group", "autorun", "publishSshOn"],
  ...["image", "imageOf", "env", "files", "secrets", "ports", "properties", "runtime"],
]);

function ownFields({ runtime, ...definition }: InstanceDefinition): Record<string, unknown> {
  const others = Object.entries(definition).filter(([field]) => !apart.has(field));
  return { ...Object.fromEntries(others), ...runtime };
}

/** What the files of a service say of its containers, rather than of its image. */
function serviceFields(
  project: Project,
  service: ServiceFolder | undefined,
): Record<string, unknown> {
  const prestartup = prestartupOrder(project, service);
  return { servicePrivileged: service?.privileged || undefined, prestartup };
}

/** A secret that comes from a variable is another one on each host. */
function fileFields({ files = [], secrets = [] }: InstanceDefinition): Record<string, unknown> {
  const own = files.map((file) => [copiedFilePart(file), file] as const);
  const secret = secrets.map(({ name, source, path, mode, uid, gid }: SecretDefinition) => {
    const content = "content" in source ? source : { variable: source.variable };
    return [`secret ${name}`, { path, mode, uid, gid, ...content }] as const;
  });
  return Object.fromEntries([...own, ...secret]);
}

/** The words of a question are no part of it. */
function asDefined(value: EnvValue): object {
  return value.kind === "required" ? { kind: value.kind } : { ...value, looksFixed: undefined };
}

/** Lists that mean something else when they are empty. */
const emptyMatters: ReadonlySet<string> = new Set(["command", "entrypoint"]);

function toTexts(
  values: Readonly<Record<string, unknown>>,
  { folder, dataFolder }: Project,
): Record<string, string> {
  const given = Object.entries(values).filter(([part, value]) => {
    const isEmpty = Array.isArray(value) && value.length === 0;
    return value !== undefined && (!isEmpty || emptyMatters.has(part));
  });
  return Object.fromEntries(
    given.map(([part, value]) => {
      const text = stableJson(value);
      if (part.startsWith("env ")) return [part, text];
      return [
        part,
        replaceFolder(replaceFolder(text, dataFolder, "$DATA_DIR"), folder, "$PROJECT_DIR"),
      ];
    }),
  );
}

/** Paths in JSON: the same project may lie elsewhere on another host. */
function replaceFolder(json: string, folder: string, name: string): string {
  const path = JSON.stringify(folder).slice(1, -1);
  return json.replaceAll(`"${path}/`, `"${name}/`).replaceAll(`"${path}"`, `"${name}"`);
}

function freeParts(
  { secrets = [], publishSshOn }: InstanceDefinition,
  env: Readonly<Record<string, EnvValue>>,
  ports: readonly PortDefinition[],
): string[] {
  const variables = Object.entries(env).filter(([name, value]) => isFree(name, value));
  return [
    ...variables.map(([name]) => environmentPart(name)),
    ...secrets.filter(({ source }) => "variable" in source).map(({ name }) => `secret ${name}`),
    ...ports.map(({ container, protocol }) => `host port of ${container}/${protocol}`),
    ...(publishSshOn === undefined ? [] : ["host port of SSH"]),
    "addresses",
  ];
}

/** The text `from_NAME` is the address of an interface; a secondary DNS has that of the first one's node. */
function isFree(name: string, value: EnvValue): boolean {
  if (name === primaryVariable) return true;
  return value.kind !== "text" || (!value.secret && value.text.startsWith("from_"));
}
