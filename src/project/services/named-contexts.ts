import { statSync } from "node:fs";
import { resolve } from "node:path";
import { inside, ReynsError } from "../../errors.ts";
import type { AddedStages } from "../../model/build.ts";
import type { Conf, InstanceDefinition, ServiceFolder } from "../../model/project.ts";

/** An additional context of a build: an image, or a folder that becomes one. */
export interface NamedContext {
  readonly name: string;
  readonly image: string;
  readonly folder?: string;
}

/** Where contexts are looked for. */
export interface ContextScope {
  /** The project's name and folder. */
  readonly project: string;
  readonly folder: string;
  readonly conf: Conf;
  readonly services: ReadonlyMap<string, ServiceFolder>;
}

const hint =
  'accepted: a folder relative to the project\'s, "docker-image://NAME", "service:NAME" or the return value of service()';

/** The additional contexts of a build. Mistakes are added to `errors`. */
export function readContexts(
  { service, build, at }: InstanceDefinition,
  scope: ContextScope,
  errors: ReynsError[],
): NamedContext[] {
  return Object.entries(build?.additionalContexts ?? {}).flatMap(([name, source]) => {
    const found = /^[a-z][a-z0-9_.-]*$/.test(name)
      ? findContext(service, name, source, scope)
      : `"${name}" is no name for a context: its stage begins with a letter, and has a-z, 0-9, _, . and -`;
    if (typeof found !== "string") return found;
    const place = inside(at, "build", "additionalContexts", name);
    errors.push(new ReynsError("INVALID_PROJECT", found, { hint, at: place }));
    return [];
  });
}

/** The context, or what is wrong with it. */
function findContext(
  service: string,
  name: string,
  source: string,
  { project, folder, conf, services }: ContextScope,
): NamedContext | string {
  const other = /^service:(.*)/.exec(source)?.[1];
  if (other !== undefined) {
    const image = imageOfService(other, project, conf, services);
    return image === undefined
      ? `the context ${name} refers to the unknown service "${other}"`
      : { name, image };
  }
  const image = /^docker-image:\/\/(.+)/.exec(source)?.[1];
  if (image !== undefined) return { name, image };
  if (source.includes("://") || source.startsWith("git@"))
    return `${source} is no additional context: the Engine's API for builds takes none from there`;
  const path = resolve(folder, source);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    return `the context ${name} of ${service} is no folder: ${source}`;
  return { name, image: `${project}/${service}.${name}`, folder: path };
}

function imageOfService(
  name: string,
  project: string,
  { instances }: Conf,
  services: ReadonlyMap<string, ServiceFolder>,
): string | undefined {
  const definition = instances.find(({ service }) => service === name);
  if (definition?.imageOf !== undefined && definition.imageOf !== name)
    return imageOfService(definition.imageOf, project, { instances } as Conf, services);
  if (definition?.build) return `${project}/${name}`;
  return definition?.image ?? services.get(name)?.image;
}

/** A Dockerfile with a stage for each context, which `FROM` and `--from` can name. */
export function addStages(
  text: string,
  contexts: readonly NamedContext[],
): { readonly text: string; readonly addedStages: AddedStages } {
  const lines = text.split("\n");
  const first = Math.max(
    lines.findIndex((line) => /^\s*FROM\s/i.test(line)),
    0,
  );
  const stages = contexts.map(({ name, image }) => `FROM ${image} AS ${name}`);
  const folders = contexts.flatMap(({ image, folder }) =>
    folder === undefined ? [] : { image, folder },
  );
  return {
    text: lines.toSpliced(first, 0, ...stages).join("\n"),
    addedStages: { line: first, count: stages.length, folders },
  };
}

/** Why a Dockerfile cannot have more stages in front, with the line. */
export function findStageProblem(
  text: string,
  contexts: readonly NamedContext[],
): { readonly message: string; readonly line: number } | undefined {
  const lines = text.split("\n");
  const numbered = lines.findIndex((line) => /\bfrom=\d+\b/.test(line));
  if (numbered >= 0)
    return {
      message: "a number in --from is not unambiguous beside additional contexts: name the stage",
      line: numbered + 1,
    };
  const names = new Set(contexts.map(({ name }) => name));
  const named = lines.findIndex((line) => {
    const stage = /^\s*FROM\s.*\sAS\s+(\S+)\s*$/i.exec(line)?.[1];
    return stage !== undefined && names.has(stage.toLowerCase());
  });
  if (named < 0) return undefined;
  return { message: "a stage has the name of an additional context", line: named + 1 };
}
