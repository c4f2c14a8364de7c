import type { Hooks } from "./hooks.ts";
import { copiedFilePart, type ContainerFile } from "./container-files.ts";
import type { ProjectIdentity } from "./resource-names.ts";

/** Labels by which Reyns knows what is its own; nothing is ever told from a container's name. */
export const labels = {
  project: "io.reyns.project",
  /** The folder in which the project began: with the name it tells projects apart. */
  folder: "io.reyns.folder",
  service: "io.reyns.service",
  instance: "io.reyns.instance",
  instanceType: "io.reyns.instance-type",
  group: "io.reyns.group",
  conf: "io.reyns.conf",
  /** Name of its image: the Engine forgets it when another build, or another folder's, takes the name over. */
  image: "io.reyns.image",
  /** Digests of what the instance was defined by, to say what has changed since. */
  definition: "io.reyns.definition",
  /** Where and how it is registered, as JSON; absent when it is not. */
  registration: "io.reyns.registration",
  /** Host names of the instances that it links to or comes after, separated by commas. */
  after: "io.reyns.after",
  /** How its readiness is detected, as JSON: to start it again without its definition. Sealed where it may be secret. */
  ready: "io.reyns.ready",
  /** Its postStart and preStop, encrypted with the project's keys: to run them without its definition. */
  hooks: "io.reyns.hooks",
  /** `true` where no definition has its name: it was started with `new=true`, or from its service's folder alone. */
  adHoc: "io.reyns.ad-hoc",
  /** `true` where the instance is a job, which has to end. */
  job: "io.reyns.job",
  /** `terminal` or `pipes` where the container is attached to the call that started it, and removed at its end. */
  session: "io.reyns.session",
  /** Digest of the project's keys that it was made with. */
  keys: "io.reyns.keys",
  /** Names of its networks, its address's first, separated by commas; absent where that is the project's own alone. */
  networks: "io.reyns.networks",
  /** Its address, where the Engine does not tell: in the host's own network. */
  address: "io.reyns.address",
  /** Number of the instance's version. */
  version: "io.reyns.version",
  /** The commit that the project's folder was at when that version was made. */
  commit: "io.reyns.commit",
  /** On services of Docker Swarm: how many tasks there should be, and the id of their image, as JSON. */
  swarm: "io.reyns.swarm",
  /** A volume that goes with the instance. */
  temporaryVolume: "io.reyns.temporary-volume",
  /** Names of its secret variables, separated by commas. */
  secrets: "io.reyns.secrets",
  /** In lists of several Engines: the node that has the container. No container is created with it. */
  node: "io.reyns.node",
  /** What a container that is no instance is there for, `keeper`, `clone` or `task`, or a volume without data: `lock`. */
  role: "io.reyns.role",
  /** On a lock: the call that holds it, as JSON. */
  lock: "io.reyns.lock",
  /** On images of services: the Engine that built them. */
  engine: "io.reyns.engine",
  /** On images that serve the zone: `true`. */
  dns: "io.reyns.dns",
  /** On images of routers: `true`. */
  router: "io.reyns.router",
  /** On images: `true` for those with our entrypoint. */
  base: "io.reyns.base",
  /** On bundled images: digest of what the executable had in it when they were built. */
  assets: "io.reyns.assets",
} as const;

/** The filter that matches everything that began in one folder. */
export function originFilter(origin: string): string {
  return `${labels.folder}=${origin}`;
}

/** Whether something was made for a project: another one may have the same name. */
export function belongsTo(
  values: Readonly<Record<string, string>>,
  { name, origin }: ProjectIdentity,
): boolean {
  return values[labels.project] === name && values[labels.folder] === origin;
}

/** What a label says in JSON. Anybody can put any text into one: what is no JSON says nothing, and keeps nobody from looking. */
export function parseLabel<Value>(label: string | undefined): Value | undefined {
  if (!label) return undefined;
  try {
    return (JSON.parse(label) as Value | null) ?? undefined;
  } catch {
    return undefined;
  }
}

/** The part of a definition that a variable is. */
export function environmentPart(name: string): string {
  return `env ${name}`;
}

/** The part of a definition that a mounted file is. */
export function filePart(path: string): string {
  return `${filePrefix}${path}`;
}

export function isFilePart(part: string): boolean {
  return part.startsWith(filePrefix);
}

const filePrefix = "file ./";

/**
 * The parts of a definition that an instance's secrets, files and hooks are; none where nobody can make their digests.
 *
 * @param files part -> digest of the mounted file without a key
 */
export function keyedParts(
  { secrets = {}, files = {}, copiedFiles = [], hooks }: KeyedValues,
  digestSecret: ((value: string) => string) | undefined,
): Record<string, string> {
  if (!digestSecret) return {};
  const variables = Object.entries(secrets).map(
    ([name, value]) => [environmentPart(name), value] as const,
  );
  const copied = copiedFiles.map((file) => [copiedFilePart(file), fileText(file)] as const);
  return Object.fromEntries(
    [...variables, ...Object.entries(files), ...copied, ...(hooks ? hookParts(hooks) : [])].map(
      ([part, value]) => [part, digestSecret(value)],
    ),
  );
}

function fileText({ content, mode, uid, gid }: ContainerFile): string {
  return JSON.stringify([content, mode, uid, gid]);
}

interface KeyedValues {
  readonly secrets?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>> | undefined;
  readonly copiedFiles?: readonly ContainerFile[] | undefined;
  readonly hooks?: Hooks | undefined;
}

/** Whether a part of a definition is hooks, whose text may be secret. */
export function isHookPart(part: string): boolean {
  return part === "postStart" || part === "preStop";
}

/** The parts of a definition that hooks are, as texts. */
function hookParts({ postStart, preStop }: Hooks): (readonly [string, string])[] {
  return Object.entries({ postStart, preStop })
    .filter(([, hooks]) => hooks.length > 0)
    .map(([part, hooks]) => [part, JSON.stringify(hooks)]);
}
