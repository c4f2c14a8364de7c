import { packTar, readTar, type TarEntry } from "../lib/tar.ts";
import type { ContainerSpec, Mount } from "../model/container-spec.ts";
import { createContainer, removeContainer } from "../docker/containers/containers.ts";
import { getArchive, hasPath, putArchive } from "../docker/containers/copy.ts";
import type { Engine } from "../docker/client/engine.ts";
import { imageDefaults, type ImageDefaults } from "../docker/images/images.ts";
import { summarizeList } from "../lib/summarize-list.ts";

/** Where programs look for secrets by custom. */
const folder = "/run/secrets";
const shell = "/bin/sh";
/** Puts them into the environment, and becomes the command behind it. */
const loader = `${folder}/.run`;

/**
 * Creates a container, not started, whose secrets the Engine is not told: they lie as files in a volume of its own, which
 * goes with it, and a script there hands them to what the image runs. So they outlive restarts, and neither
 * `docker inspect` nor an image made of the container has them. Returns its id.
 *
 * @throws ReynsError ENGINE_REFUSED
 */
export async function createWithSecrets(
  engine: Engine,
  spec: ContainerSpec,
  warn: (message: string) => void,
): Promise<string> {
  if (Object.keys(spec.secrets).length === 0) return createContainer(engine, spec);
  const image = await imageDefaults(engine, spec.image);
  const kept = { ...spec, mounts: [...spec.mounts, ownVolume] };
  const loading = withSecretLoader(kept, image);
  let id = await createContainer(engine, loading);
  try {
    if (loading !== kept && !(await hasPath(engine, id, shell))) {
      const names = summarizeList(Object.keys(spec.secrets), 4);
      warn(`its image has no ${shell}: ${names} reach it only as files in ${folder}`);
      await removeContainer(engine, id);
      id = await createContainer(engine, kept);
    }
    const owner = secretFileOwner(spec.runtime.user ?? image.user);
    await putArchive(engine, id, folder, packTar(secretFileEntries(spec.secrets, owner)));
    return id;
  } catch (error) {
    await removeContainer(engine, id);
    throw error;
  }
}

/** The Engine names it, and removes it together with the container. */
const ownVolume: Mount = { type: "volume", source: "", target: folder, readOnly: false };

/** Command and health check, the image's own as well, with the secrets in their environment. */
function withSecretLoader(spec: ContainerSpec, image: ImageDefaults): ContainerSpec {
  const { entrypoint = image.entrypoint, healthcheck } = spec.runtime;
  // An entrypoint that is given does without the image's command.
  const command = spec.command ?? (spec.runtime.entrypoint ? [] : image.command);
  if (entrypoint.length + command.length === 0) return spec;
  const test = wrapHealthTest(healthcheck?.test ?? image.healthTest);
  return {
    ...spec,
    command,
    runtime: {
      ...spec.runtime,
      entrypoint: [shell, loader, ...entrypoint],
      healthcheck: test ? { ...emptyCheck, ...healthcheck, test } : healthcheck,
    },
  };
}

const emptyCheck = {
  interval: undefined,
  timeout: undefined,
  startPeriod: undefined,
  retries: undefined,
};

function wrapHealthTest([kind, ...words]: readonly string[]): readonly string[] | undefined {
  if (kind === "CMD") return ["CMD", shell, loader, ...words];
  if (kind === "CMD-SHELL") return ["CMD", shell, loader, shell, "-c", ...words];
  return undefined;
}

interface SecretFileOwner {
  readonly uid: number;
  readonly mode: number;
}

/** Only the user that it starts as may read them; whom a name stands for, only the image knows. */
function secretFileOwner(user: string): SecretFileOwner {
  const name = user.split(":")[0] ?? "";
  if (name === "" || name === "root") return { uid: 0, mode: 0o400 };
  return /^\d+$/.test(name) ? { uid: Number(name), mode: 0o400 } : { uid: 0, mode: 0o444 };
}

function secretFileEntries(
  secrets: Readonly<Record<string, string>>,
  owner: SecretFileOwner,
): TarEntry[] {
  const file = (name: string, text: string): TarEntry => ({
    ...owner,
    name,
    type: "file",
    linkname: undefined,
    content: Buffer.from(text),
  });
  const exports = Object.entries(secrets).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return [
    file(".run", ["#!/bin/sh", ...exports, 'exec "$@"', ""].join("\n")),
    ...Object.entries(secrets).map(([name, value]) => file(name, value)),
  ];
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}

/**
 * `NAME=VALUE` of each secret that a container's own process has in its environment, for what is run beside it: the
 * Engine hands on only what it knows itself.
 */
export async function secretEnvironment(engine: Engine, id: string): Promise<string[]> {
  const archive = await getArchive(engine, id, folder);
  const files = archive ? await readTar(archive, "secrets") : [];
  if (!files.some(({ name }) => name === ".run")) return [];
  return files
    .filter(({ name, type }) => type === "file" && name !== ".run")
    .map(({ name, content }) => `${name}=${content.toString()}`);
}
