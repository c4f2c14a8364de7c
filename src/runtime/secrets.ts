import type { Engine } from "../docker/client/engine.ts";
import { removeContainer } from "../docker/containers/containers.ts";
import { createContainer } from "../docker/containers/create.ts";
import { hasPath, putArchive } from "../docker/containers/copy.ts";
import { imageDefaults, type ImageDefaults } from "../docker/images/images.ts";
import { isShellName, shellQuote } from "../lib/shell-quote.ts";
import { summarizeList } from "../lib/summarize-list.ts";
import { packTar, type TarEntry } from "../lib/tar.ts";
import { secretsFolder } from "../model/container-files.ts";
import { secretsFolder as environmentFolder } from "../model/secret-names.ts";
import { secretLoader, shell, wrapHealthTest } from "../model/secret-loader.ts";
import type { ContainerSpec, Mount } from "../model/container-spec.ts";

/**
 * Creates a container, not started, whose secrets stay out of the Engine's configuration: they are files in an anonymous
 * volume, and a script there exports them to the image's command. So they survive restarts, and neither `docker inspect`
 * nor an image of the container contains them.
 *
 * @returns the container's id
 * @throws ReynsError ENGINE_REFUSED
 */
export async function createWithSecrets(
  engine: Engine,
  spec: ContainerSpec,
  warn: (message: string) => void,
): Promise<string> {
  if (Object.keys(spec.secrets).length === 0) return createContainer(engine, spec);
  const image = await imageDefaults(engine, spec.image);
  const lost = variablesWithoutShellName({ ...image.env, ...spec.env });
  const hasVolume = spec.mounts.some(({ target }) => target === secretsFolder);
  const withVolume = hasVolume ? spec : { ...spec, mounts: [...spec.mounts, secretsVolume] };
  const withLoader = withSecretLoader(withVolume, image);
  let id = await createContainer(engine, withLoader);
  try {
    if (withLoader !== withVolume && !(await hasPath(engine, id, shell))) {
      const names = summarizeList(Object.keys(spec.secrets), 4);
      warn(
        `its image has no ${shell}, so ${names} are available only as files in ${secretsFolder}`,
      );
      await removeContainer(engine, id);
      id = await createContainer(engine, withVolume);
    } else if (lost.length > 0 && !(await hasEnvCommand(engine, id))) {
      const names = lost.map(([name]) => name).join(", ");
      warn(`its image has no env command, so its shell drops ${names}`);
    }
    const owner = secretFileOwner(spec.runtime.user ?? image.user);
    await putArchive(
      engine,
      id,
      secretsFolder,
      packTar(secretFileEntries(spec.secrets, lost, owner)),
    );
    return id;
  } catch (error) {
    await removeContainer(engine, id);
    throw error;
  }
}

type Variable = readonly [name: string, value: string];

/** Variables such as "discovery.type", which a shell drops on the way to the image's command. */
export function variablesWithoutShellName(env: Readonly<Record<string, string>>): Variable[] {
  return Object.entries(env).filter(([name]) => !isShellName(name));
}

/** A file in the folder of secrets. */
export type SecretFileEntry = Pick<TarEntry, "name" | "content" | "uid" | "mode">;

/** The spec of a process that gets its secrets from files, and these files. */
export function secretParts(
  spec: ContainerSpec,
  image: ImageDefaults,
): { readonly spec: ContainerSpec; readonly files: readonly SecretFileEntry[] } {
  if (Object.keys(spec.secrets).length === 0) return { spec, files: [] };
  const lost = variablesWithoutShellName({ ...image.env, ...spec.env });
  const owner = secretFileOwner(spec.runtime.user ?? image.user);
  return {
    spec: withSecretLoader(spec, image),
    files: secretFileEntries(spec.secrets, lost, owner),
  };
}

const envCommands = ["/usr/bin/env", "/bin/env"];

async function hasEnvCommand(engine: Engine, id: string): Promise<boolean> {
  const found = await Promise.all(envCommands.map((path) => hasPath(engine, id, path)));
  return found.includes(true);
}

/** Anonymous: the Engine names it, and removes it together with the container. */
const secretsVolume: Mount = { type: "volume", source: "", target: secretsFolder, readOnly: false };

/** Runs command and health check, including those of the image, with the secrets in their environment. */
function withSecretLoader(spec: ContainerSpec, image: ImageDefaults): ContainerSpec {
  const { entrypoint = image.entrypoint, healthcheck } = spec.runtime;
  // An entrypoint in the definition replaces the image's command, too.
  const command = spec.command ?? (spec.runtime.entrypoint ? [] : image.command);
  if (entrypoint.length + command.length === 0) return spec;
  const test = wrapHealthTest(healthcheck?.test ?? image.healthTest);
  return {
    ...spec,
    command,
    runtime: {
      ...spec.runtime,
      entrypoint: [shell, secretLoader, ...entrypoint],
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

interface SecretFileOwner {
  readonly uid: number;
  readonly mode: number;
}

/** Only the user of the container may read them. The uid of a user name is known only inside the image. */
function secretFileOwner(user: string): SecretFileOwner {
  const name = user.split(":")[0] ?? "";
  if (name === "" || name === "root") return { uid: 0, mode: 0o400 };
  return /^\d+$/.test(name) ? { uid: Number(name), mode: 0o400 } : { uid: 0, mode: 0o444 };
}

function secretFileEntries(
  secrets: Readonly<Record<string, string>>,
  lost: readonly Variable[],
  owner: SecretFileOwner,
): TarEntry[] {
  const file = (name: string, text: string): TarEntry => ({
    ...owner,
    name,
    type: "file",
    linkname: undefined,
    content: Buffer.from(text),
  });
  const entries = Object.entries(secrets);
  const exports = entries.map(([name, value]) => `export ${name}=${shellQuote(value)}`);
  const lines = ["#!/bin/sh", ownEnvironment, ...exports, ...executeWith(lost), 'exec "$@"', ""];
  return [file(".run", lines.join("\n")), ...entries.map(([name, value]) => file(name, value))];
}

/**
 * Our entrypoint keeps the environment for logins of the user "reyns" in a folder with the group of that user. A tmpfs there
 * has the group of root where the Engine can set no other: in tasks of Docker Swarm, and in Podman.
 */
const ownEnvironment = [
  `[ ! -d ${environmentFolder} ] || [ -e ${environmentFolder}/environment ] || {`,
  `chgrp reyns ${environmentFolder} && chmod 2750 ${environmentFolder}; } 2>/dev/null`,
].join(" ");

/** Passes on what the shell has dropped. Secrets are not among it: arguments of commands are public. */
function executeWith(lost: readonly Variable[]): string[] {
  if (lost.length === 0) return [];
  const assignments = lost.map((variable) => shellQuote(variable.join("="))).join(" ");
  return envCommands.map((path) => `[ -x ${path} ] && exec ${path} ${assignments} "$@"`);
}
