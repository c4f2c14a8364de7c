import { createReadStream, existsSync, realpathSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, posix, resolve } from "node:path";
import { sha256 } from "../lib/sha256.ts";
import { isWithinFolder, secretsFolder } from "../model/container-files.ts";
import type { Project } from "../model/project.ts";
import { volumeParts } from "../model/volume-syntax.ts";
import type { IsSecret } from "./files-to-save.ts";

/** Bytes. A secret of a container has no more. */
const longestSecret = 8 * 1024 ** 2;

/** Stores of keys, whose contents are encrypted or binary. */
const keyStores: ReadonlySet<string> = new Set([".p12", ".pfx", ".jks", ".keystore"]);

/** PEM, OpenSSH, OpenPGP, age and PuTTY. */
const privateKey =
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|AGE-SECRET-KEY-(?:PQ-)?1|PuTTY-User-Key-File-/;

/** More characters than the beginning of a key has. */
const longestMark = 200;

/**
 * Tells the files of a project that are secrets: those that its confs give to containers or builds, or mount where
 * programs look for secrets, those that Compose files declare, private keys, exported keys, and an `.env` that git does not have.
 *
 * @param confs the project as each of its confs defines it
 */
export function secretFinder(confs: readonly Project[]): IsSecret {
  const declared = confs.flatMap(({ conf }) => conf.secretFiles ?? []);
  const secrets = new Set([...declared, ...confs.flatMap(mountedSecrets)].flatMap(withReal));
  const ofBuilds = new Set(confs.flatMap(pathsOfBuilds).flatMap(withReal));
  const digests = new Set(confs.flatMap(digestsOfSecrets));
  return async (path) => {
    if (pathAndFolders(path).some((one) => secrets.has(one))) return "a secret of the definition";
    if (ofBuilds.has(path)) return "a secret of a build";
    if (basename(path) === ".env" && !(await isInGit(path)))
      return "values of this host, which git does not have";
    if (keyStores.has(extname(path).toLowerCase())) return "a store of keys";
    const { size } = await stat(path);
    if (size === 0) return undefined;
    if (size <= longestSecret && digests.has(digestOf(await readFile(path))))
      return "a secret of the definition";
    return keysIn(path);
  };
}

/** Reads a file of any size. */
async function keysIn(path: string): Promise<string | undefined> {
  let before: string | undefined;
  for await (const chunk of createReadStream(path, {
    encoding: "latin1",
    highWaterMark: 256 * 1024,
  })) {
    const text = (before ?? "") + String(chunk);
    if (privateKey.test(text)) return "a private key";
    if (before === undefined && /^\s*\{\s*"reyns":\s*"keys"/.test(text)) return "keys of a project";
    before = text.slice(-longestMark);
  }
  return undefined;
}

function pathsOfBuilds({ folder, services }: Project): string[] {
  return [...services.values()]
    .flatMap(({ build }) => [
      ...Object.values(build?.secrets ?? {}).flatMap((one) => ("file" in one ? one.file : [])),
      ...Object.values(build?.ssh ?? {}).flatMap((path) => path ?? []),
    ])
    .map((path) => resolve(folder, path));
}

/** Files and folders of the host: a mount below `/run/secrets` is what a file of Compose's `secrets` becomes. */
function mountedSecrets({ folder, conf }: Project): string[] {
  return conf.instances.flatMap(({ volumes }) =>
    volumes.flatMap((volume) => {
      const { type, source = "", target = "" } = volumeParts(volume) ?? {};
      const isSecret = type === "bind" && isWithinFolder(posix.resolve("/", target), secretsFolder);
      return isSecret ? resolve(folder, source.replace(/^\$PROJECT_DIR(?=\/|$)/, folder)) : [];
    }),
  );
}

/** A path, and the folders that it is in. */
function pathAndFolders(path: string): string[] {
  const above = dirname(path);
  return above === path ? [path] : [path, ...pathAndFolders(above)];
}

/** A path, and where it leads if it is a link. */
function withReal(path: string): string[] {
  return existsSync(path) ? [path, realpathSync(path)] : [path];
}

/** By their contents: the definition has been read, and its secrets with it. */
function digestsOfSecrets({ conf }: Project): string[] {
  return conf.instances.flatMap(({ secrets = [] }) =>
    secrets.flatMap(({ source }) =>
      "content" in source ? digestOf(Buffer.from(source.content, "base64")) : [],
    ),
  );
}

function digestOf(content: Uint8Array): string {
  return sha256(content).toString("hex");
}

async function isInGit(path: string): Promise<boolean> {
  const git = Bun.which("git");
  if (!git) return false;
  const words = ["-c", "core.fsmonitor=false", "ls-files", "--error-unmatch", "--", basename(path)];
  const child = Bun.spawn([git, ...words], {
    cwd: dirname(path),
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  return (await child.exited) === 0;
}
