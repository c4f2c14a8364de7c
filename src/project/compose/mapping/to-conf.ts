import { basename } from "node:path";
import { readReferencedFiles } from "../../../api/referenced-files.ts";
import { acceptedKeys, instanceFromOptions, serviceSchema } from "../../../api/schema.ts";
import { hintForKey } from "../../../api/synonyms.ts";
import type { ServiceOptions } from "../../../api/options.ts";
import { isRecord } from "../../../lib/is-record.ts";
import { networkOptions } from "../../../api/network-schemas.ts";
import type { Place, ReynsError } from "../../../errors.ts";
import { summarizeList } from "../../../lib/summarize-list.ts";
import { snakeCase } from "../../../lib/letter-case.ts";
import { checkNames } from "../../../model/host-names.ts";
import type { Conf, InstanceDefinition } from "../../../model/project.ts";
import { checkKeys, type JsonPath } from "../../../model/schema-errors.ts";
import type { ComposePath, ComposeProject, ComposeWarning } from "../compose-project.ts";
import type { EntryPaths } from "./context.ts";
import type { MappedProject } from "./map-project.ts";
import type { MappedService } from "./map-service.ts";

/** The conf that a mapped project is, and the mistakes that its options have. */
export async function toConf(
  project: ComposeProject,
  { services, volumes, networks, secretFiles, omitted }: MappedProject,
): Promise<{ readonly conf: Conf; readonly errors: readonly ReynsError[] }> {
  const errors: ReynsError[] = [];
  const read = services.map((service) => toInstances(project, service, errors));
  const instances = (await Promise.all(read)).flat();
  const file = project.files[0];
  const declared = Object.entries(networks).flatMap(([name, options]) => {
    const placeOf = (path: JsonPath): Place =>
      project.placeOf(["networks", name, ...path.map((key) => keyInFile(key))]);
    const { output, errors: mistakes } = checkKeys(networkOptions, options, { placeOf, keys: {} });
    errors.push(...mistakes);
    return output ? [[name, { ...output, at: { ...placeOf([]), placeOf } }] as const] : [];
  });
  return {
    conf: {
      name: "default",
      file,
      sequential: false,
      isCompose: true,
      instances,
      warnings: [
        ...project.warnings.map(warningText),
        ...nameWarnings(project, services),
        ...omitted,
      ],
      volumes,
      networks: Object.fromEntries(declared),
      secretFiles,
    },
    errors,
  };
}

function warningText({ message, hint, at }: ComposeWarning): string {
  const place = [basename(at.file), at.line, at.column].filter((part) => part !== undefined);
  return `${place.join(":")}: ${message}${hint === undefined ? "" : ` (${hint})`}`;
}

/** Scripts may call `docker exec` with such a name. */
function nameWarnings(
  { file }: ComposeProject,
  services: readonly MappedService[],
): readonly string[] {
  const named = services.filter(({ name }) => file.services[name]?.container_name !== undefined);
  if (named.length === 0) return [];
  const names = summarizeList(
    named.map(({ name }) => name),
    3,
  );
  return [
    `container_name of ${names} is a name on the network only: "reyns ps json" has the names for docker`,
  ];
}

function keyInFile(key: string | number): string | number {
  return typeof key === "string" ? snakeCase(key) : key;
}

async function toInstances(
  project: ComposeProject,
  { service, name, instances, entries }: MappedService,
  errors: ReynsError[],
): Promise<InstanceDefinition[]> {
  const ofService = { ...project.placeOf(["services", name]) };
  errors.push(...checkNames(service, String(instances.length || 1), ofService));
  const read = instances.map(async (options, position) => {
    const pathOf = (path: JsonPath): ComposePath => fieldPath(path, entries[position]);
    const placeOf = (path: JsonPath): Place => project.placeOf(["services", name, ...pathOf(path)]);
    const at = { ...ofService, placeOf };
    const context = {
      placeOf: (path: JsonPath) => project.placeOfValue(["services", name, ...pathOf(path)]),
      keys: acceptedKeys,
      hintOf: hintForKey,
      spelled: pathOf,
    };
    const { output, errors: mistakes } = checkKeys(
      serviceSchema,
      withSecretTexts(project, options),
      context,
    );
    const files = output && (await readReferencedFiles(output, project.folder, at));
    // Those of the other instances are the same.
    if (position === 0) errors.push(...mistakes, ...(files?.errors ?? []));
    if (!output || !files) return [];
    const instance = instanceFromOptions(service, output, files, at);
    return withContainerName(project, name, instance, position);
  });
  return (await Promise.all(read)).flat();
}

/** The variable may be one of `.env`, which only the reader of the file knows. */
function withSecretTexts({ file }: ComposeProject, options: ServiceOptions): ServiceOptions {
  if (!options.secrets) return options;
  const secrets = Object.entries(options.secrets).map(([name, given]) => {
    const content = file.secrets?.[name]?.content;
    const parts: unknown = given;
    if (content === undefined || !isRecord(parts)) return [name, given];
    const others = Object.entries(parts).filter(([key]) => key !== "environment");
    return [name, { ...Object.fromEntries(others), content }];
  });
  return { ...options, secrets: Object.fromEntries(secrets) };
}

/** In Compose, others reach a container by the name that it is given there, as well. */
function withContainerName(
  { file }: ComposeProject,
  name: string,
  instance: InstanceDefinition,
  position: number,
): InstanceDefinition {
  const { container_name: given } = file.services[name] ?? {};
  if (instance.properties.nethost || instance.networkMode || given !== undefined) return instance;
  const implied = [`${file.name}-${name}-${position + 1}`];
  const networks = instance.networks ?? [{ network: "default", aliases: [] }];
  return { ...instance, networks: networks.map((use) => ({ ...use, implied })) };
}

const fieldsOfOptions: Readonly<Record<string, string>> = {
  env: "environment",
  after: "depends_on",
  nethost: "network_mode",
};

/** The path in a service of the file that an option's path comes from. */
function fieldPath(path: JsonPath, entries: EntryPaths | undefined): ComposePath {
  const [option, ...rest] = path;
  if (typeof option !== "string") return [];
  const depth = path.findIndex((key) => typeof key === "number");
  const entry = entries?.get(path.slice(0, depth).join("."))?.[Number(path[depth])];
  if (entry) return [...entry, ...path.slice(depth + 1)];
  const field = fieldsOfOptions[option] ?? snakeCase(option);
  return [
    field,
    ...(option === "build" ? rest.map((key, at) => (at ? key : keyInFile(key))) : rest),
  ];
}
