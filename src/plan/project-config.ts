import { isRecord } from "../lib/is-record.ts";
import { shownNetwork } from "../model/resource-names.ts";
import { secretName } from "../model/secret-names.ts";
import type { EnvValue, Project } from "../model/project.ts";
import { resolveEnvironment, type EnvironmentSources } from "./resolve/environment.ts";
import { imageOf, tagged } from "./resolve/images.ts";
import type { SelectedInstance } from "./select/selection.ts";

/** One instance as the definition, the call and its type have it, without secrets. */
export interface InstanceConfig {
  readonly service: string;
  readonly instance: string;
  readonly host: string;
  /** The name of the image that it runs. */
  readonly image: string;
  readonly [field: string]: unknown;
}

/** What stands for a secret. */
const masked = "<secret>";

/** Resolves the definition of an instance for people and scripts; what is not set is left out. */
export function describeConfig(
  project: Project,
  { definition, service, instance, host, instanceType, properties }: SelectedInstance,
  sources: EnvironmentSources,
): InstanceConfig {
  const {
    at: _at,
    service: _service,
    instance: _instance,
    env,
    files,
    runtime,
    build,
    image: _image,
    imageOf: _of,
    sleep,
    ...rest
  } = definition;
  const others = {
    ...rest,
    ...runtime,
    networks: rest.networks?.map((use) => ({ ...use, network: shownNetwork(use.network) })),
    instanceType,
    ...(sleep > 0 ? { sleep } : {}),
    build: build && { ...build, args: maskByName(build.args) },
    files: files?.map(({ path, mode, uid, gid, content }) => {
      const size = Buffer.byteLength(content, "base64");
      return { path, mode: mode.toString(8), uid, gid, size };
    }),
    properties: Object.fromEntries(Object.entries(properties).filter(([, value]) => value)),
    env: maskEnvironment(env, host, sources),
  };
  const image = tagged(imageOf(project, definition));
  return { service, instance, host, image, ...(clean(others) as object) };
}

function maskByName(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, secretName.test(name) ? masked : value]),
  );
}

/** The values that are known now; those that a run would ask for are named so. */
function maskEnvironment(
  env: Readonly<Record<string, EnvValue>>,
  host: string,
  sources: EnvironmentSources,
): Record<string, string> {
  const { values } = resolveEnvironment(env, host, sources);
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => {
      const isSecret = secretName.test(name) || (value.kind === "required" && value.secret);
      const text = values[name] ?? ("text" in value ? value.text : undefined);
      if (text === undefined) return [name, "<asked for>"];
      return [name, isSecret ? masked : text];
    }),
  );
}

/** Leaves out what is not set, at any depth. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value)
    .map(([name, inner]) => [name, clean(inner)] as const)
    .filter(([, inner]) => !isEmpty(inner));
  return Object.fromEntries(entries);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isRecord(value) && Object.keys(value).length === 0;
}
