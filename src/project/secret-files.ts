import { readFile, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { sha256 } from "../lib/sha256.ts";
import type { Project } from "../model/project.ts";
import type { IsSecret } from "./files-to-save.ts";

/** Bytes. A secret of a container has no more. */
const longestSecret = 8 * 1024 ** 2;

/** Bytes up to which a file is searched for keys. */
const longestKeys = 100_000;

/**
 * Tells the files of a project that are secrets: those that its confs give to containers or builds, private keys,
 * exported keys, and an `.env` that git does not have.
 *
 * @param confs the project as each of its confs defines it
 */
export function secretFinder(confs: readonly Project[]): IsSecret {
  const paths = new Set(confs.flatMap(pathsOfBuilds));
  const digests = new Set(confs.flatMap(digestsOfSecrets));
  return async (path) => {
    if (paths.has(path)) return "a secret of a build";
    if (basename(path) === ".env" && !(await isInGit(path)))
      return "values of this host, which git does not have";
    const { size } = await stat(path);
    if (size === 0 || size > longestSecret) return undefined;
    const content = await readFile(path);
    if (digests.has(digestOf(content))) return "a secret of the definition";
    return size > longestKeys ? undefined : keysIn(content.toString("latin1"));
  };
}

function keysIn(text: string): string | undefined {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return "a private key";
  return /^\s*\{\s*"reyns":\s*"keys"/.test(text) ? "keys of a project" : undefined;
}

function pathsOfBuilds({ folder, services }: Project): string[] {
  return [...services.values()]
    .flatMap(({ build }) => [
      ...Object.values(build?.secrets ?? {}).flatMap((one) => ("file" in one ? one.file : [])),
      ...Object.values(build?.ssh ?? {}).flatMap((path) => path ?? []),
    ])
    .map((path) => resolve(folder, path));
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
