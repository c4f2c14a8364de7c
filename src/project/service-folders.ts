import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { ReynsError, ReynsErrors } from "../errors.ts";
import { readDockerfile } from "./dockerfile.ts";
import { errorsOf } from "./issues.ts";
import { readJsonc } from "./jsonc.ts";
import type { ProjectPlace } from "./find.ts";
import { checkNames } from "./names.ts";
import type { BuildDefinition, EnvValue, ServiceFolder } from "./types.ts";

/** The images that Reyns carries and that can run as services themselves. */
export const carriedServices: readonly ServiceFolder[] = [
  carried("reyns-common", [], []),
  carried("reyns-base", ["reyns/reyns-common"], []),
  carried(
    "reyns-dns",
    ["reyns/reyns-common"],
    [
      { container: 53, host: 53, protocol: "udp" },
      { container: 53, host: 53, protocol: "tcp" },
    ],
  ),
];

function carried(name: string, parents: string[], ports: ServiceFolder["ports"]): ServiceFolder {
  return {
    name,
    folder: undefined,
    image: `reyns/${name}`,
    parents,
    ports,
    privileged: false,
    requiredVariables: {},
    prestartup: undefined,
    noAutobuild: false,
    buildArguments: [],
    repeatable: false,
  };
}

/** The same service by the name that the oldest projects have for it. */
function formerly(service: ServiceFolder): ServiceFolder {
  return { ...service, name: service.name.replace(/^reyns-/, "dockerops-") };
}

interface Found {
  readonly services: Map<string, ServiceFolder>;
  readonly errors: ReynsError[];
}

/**
 * Reads every folder of `services/` that has a Dockerfile, `NAME_custom` in place of `NAME`.
 * Mistakes are collected, so that they can be reported with those of the definition.
 */
export function readServiceFolders(
  { servicesFolder, dockerOps }: ProjectPlace,
  project: string,
): Found {
  const known = dockerOps
    ? [...carriedServices, ...carriedServices.map(formerly)]
    : carriedServices;
  const services = new Map(known.map((service) => [service.name, service]));
  const errors: ReynsError[] = [];
  for (const [name, folder] of folderNames(servicesFolder)) {
    const path = join(servicesFolder, folder);
    if (!existsSync(join(path, "Dockerfile"))) continue;
    errors.push(...checkNames(name, undefined, { file: path }));
    services.set(name, readServiceFolder(name, path, { project, dockerOps }, errors));
  }
  return { services, errors };
}

/** Service name -> folder name; a `_custom` folder takes the place of the plain one. */
function folderNames(servicesFolder: string): Map<string, string> {
  if (!existsSync(servicesFolder)) return new Map();
  const entries = readdirSync(servicesFolder, { withFileTypes: true }).filter(
    (entry) => !entry.name.startsWith(".") && !entry.isFile(),
  );
  const folders = entries.map((entry) => entry.name).toSorted();
  const plain = folders.filter((folder) => !folder.endsWith("_custom"));
  const custom = folders.filter((folder) => folder.endsWith("_custom"));
  return new Map([
    ...plain.map((folder) => [folder, folder] as const),
    ...custom.map((folder) => [folder.slice(0, -"_custom".length), folder] as const),
  ]);
}

/** How a service's folder is read. */
interface FolderContext {
  readonly project: string;
  readonly dockerOps: boolean;
  readonly build?: BuildDefinition | undefined;
}

export function readServiceFolder(
  name: string,
  folder: string,
  { project, dockerOps, build }: FolderContext,
  errors: ReynsError[],
): ServiceFolder {
  const dockerfile = join(folder, build?.dockerfile ?? "Dockerfile");
  const facts = readDockerfile(readFileSync(dockerfile, "utf8"), dockerfile, dockerOps);
  errors.push(...facts.errors);
  return {
    name,
    folder,
    build,
    image: `${project}/${name}`,
    parents: facts.parents,
    ports: facts.ports,
    privileged: facts.privileged,
    buildArguments: facts.buildArguments,
    repeatable: facts.repeatable,
    requiredVariables: readRequiredVariables(join(folder, "required_env_vars.json"), errors),
    prestartup: findPrestartup(folder, errors),
    noAutobuild: existsSync(join(folder, "no_autobuild")),
  };
}

function findPrestartup(folder: string, errors: ReynsError[]): string | undefined {
  const scripts = readdirSync(folder)
    .filter((file) => /^prestartup_.*\.sh$/.test(file))
    .toSorted();
  if (scripts.length > 1) {
    errors.push(
      new ReynsError("INVALID_PROJECT", `more than one prestartup script: ${scripts.join(", ")}`, {
        hint: "keep one; scripts of parent services run before it anyway",
        at: { file: folder },
      }),
    );
  }
  return scripts[0];
}

const requiredNames = v.array(v.string());
const requiredValues = v.record(
  v.string(),
  v.nullable(v.union([v.string(), v.number(), v.boolean()])),
);

/** A list of names, or names with default values (`null`: none). */
function readRequiredVariables(file: string, errors: ReynsError[]): Record<string, EnvValue> {
  if (!existsSync(file)) return {};
  const document = attempt(() => readJsonc(file), errors);
  if (!document) return {};
  // A list would pass as an object with the keys 0, 1, …
  const schema = Array.isArray(document.value) ? requiredNames : requiredValues;
  const result = v.safeParse(schema, document.value);
  if (!result.success) {
    errors.push(
      ...errorsOf(result.issues, { placeOf: (path) => document.placeOf(path), keys: {} }),
    );
    return {};
  }
  const required = { kind: "required", secret: false, description: undefined } as const;
  if (Array.isArray(result.output))
    return Object.fromEntries(result.output.map((name) => [name, required]));
  return Object.fromEntries(
    Object.entries(result.output).map(([name, value]) => [
      name,
      value === null ? required : ({ kind: "text", text: String(value) } as const),
    ]),
  );
}

/** What a piece of work gives; its mistakes are collected instead of thrown. */
function attempt<Value>(work: () => Value, errors: ReynsError[]): Value | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ReynsErrors) errors.push(...error.errors);
    else if (error instanceof ReynsError) errors.push(error);
    else throw error;
    return undefined;
  }
}
