import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { errorWith, ReynsError, ReynsErrors, type Place } from "../../errors.ts";
import { readDockerfile } from "./dockerfile.ts";
import { addStages, findStageProblem, type NamedContext } from "./named-contexts.ts";
import { schemaErrors } from "../../model/schema-errors.ts";
import { readJsonc } from "../jsonc.ts";
import { overridable } from "../../model/env-value.ts";
import type { BuildDefinition } from "../../model/build.ts";
import type { EnvValue, ServiceFolder } from "../../model/project.ts";
import { readRegularFile } from "../../lib/read-regular-file.ts";

/** Services by name, and the mistakes in their folders. */
export interface FoundServices {
  readonly services: ReadonlyMap<string, ServiceFolder>;
  readonly errors: readonly ReynsError[];
}

/** Settings for reading a service's folder. */
interface FolderContext {
  readonly project: string;
  readonly dockerOps: boolean;
  readonly build?: BuildDefinition | undefined;
  /** The place of a Dockerfile that is no file. */
  readonly inlineAt?: Place | undefined;
  readonly contexts?: readonly NamedContext[];
}

/** Reads a service's Dockerfile and the other files of its folder that configure it. Mistakes are added to `errors`. */
export function readServiceFolder(
  name: string,
  folder: string,
  { project, dockerOps, build, inlineAt, contexts = [] }: FolderContext,
  errors: ReynsError[],
): ServiceFolder {
  const dockerfile = join(folder, build?.dockerfile ?? "Dockerfile");
  const written = build?.dockerfileInline ?? readRegularFile(dockerfile).toString();
  const added = contexts.length === 0 ? undefined : addStages(written, contexts);
  const mistakes = [
    ...readDockerfile(written, dockerfile, dockerOps).errors,
    ...(added ? stageErrors(written, contexts, dockerfile) : []),
  ];
  errors.push(...mistakes.map((error) => (inlineAt ? errorWith(error, { at: inlineAt }) : error)));
  const facts = readDockerfile(added?.text ?? written, dockerfile, dockerOps);
  return {
    name,
    folder,
    build,
    dockerfileText: added?.text ?? build?.dockerfileInline,
    addedStages: added?.addedStages,
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

function stageErrors(text: string, contexts: readonly NamedContext[], file: string): ReynsError[] {
  const problem = findStageProblem(text, contexts);
  if (!problem) return [];
  const at = { file, line: problem.line };
  const hint = "each additional context is a stage before the first one";
  return [new ReynsError("INVALID_PROJECT", problem.message, { hint, at })];
}

function findPrestartup(folder: string, errors: ReynsError[]): string | undefined {
  const scripts = readdirSync(folder)
    .filter((file) => /^prestartup_.*\.sh$/.test(file))
    .toSorted();
  if (scripts.length > 1) {
    errors.push(
      new ReynsError("INVALID_PROJECT", `several prestartup scripts: ${scripts.join(", ")}`, {
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

/** Reads a list of names, or names with default values (`null`: none). */
function readRequiredVariables(file: string, errors: ReynsError[]): Record<string, EnvValue> {
  if (!existsSync(file)) return {};
  const document = collectErrors(() => readJsonc(file), errors);
  if (!document) return {};
  // The schema of objects would accept a list as well, with the keys 0, 1, …
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
      value === null ? required : overridable(name, String(value)),
    ]),
  );
}

/** Adds errors to the list instead of throwing them. */
function collectErrors<Value>(read: () => Value, errors: ReynsError[]): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ReynsErrors) errors.push(...error.errors);
    else if (error instanceof ReynsError) errors.push(error);
    else throw error;
    return undefined;
  }
}
