import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { ReynsError, ReynsErrors } from "../../errors.ts";
import { readDockerfile } from "./dockerfile.ts";
import { schemaErrors } from "../../model/schema-errors.ts";
import { readJsonc } from "../jsonc.ts";
import type { BuildDefinition, EnvValue, ServiceFolder } from "../../model/project.ts";

/** How a service's folder is read. */
interface FolderContext {
  readonly project: string;
  readonly dockerOps: boolean;
  readonly build?: BuildDefinition | undefined;
}

/** Reads what a service's folder says: its Dockerfile, and the files beside it that Reyns knows. Mistakes are collected. */
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
      ...schemaErrors(result.issues, { placeOf: (path) => document.placeOf(path), keys: {} }),
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
