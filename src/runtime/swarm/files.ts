import type { SwarmFile } from "../../docker/services/files.ts";
import type { ContainerSpec } from "../../model/container-spec.ts";
import { readUnlinkedFile } from "../../lib/read-regular-file.ts";
import { join } from "node:path";
import { secretsFolder } from "../../model/container-files.ts";
import { secretDigest } from "../keys/digests.ts";
import type { SecretFileEntry } from "../secrets.ts";

/** Those of the project's keys that our entrypoint installs. */
const keyFiles = ["id_ed25519", "id_ed25519.pub", "known_hosts", "tsig.key"];

interface FileSources {
  readonly keysFolder: string;
  /** Our entrypoint is in the image. */
  readonly hasEntrypoint: boolean;
  /** The files that hand the process its secret variables. */
  readonly variables: readonly SecretFileEntry[];
}

/**
 * What the tasks of a service get as files: the project's keys and secrets as secrets of Swarm, everything else as configs.
 * Their names hold a digest that only who has the project's keys can repeat.
 */
export async function swarmFiles(
  { name, copiedFiles = [] }: Pick<ContainerSpec, "name" | "copiedFiles">,
  { keysFolder, hasEntrypoint, variables }: FileSources,
): Promise<SwarmFile[]> {
  const digest = await secretDigest(keysFolder);
  const nameFor = (path: string, content: Buffer): string =>
    // The service's name is in it, so that two services with the same file do not share it.
    digest?.(`${name}\0${path}\0${content.toString("base64")}`) ?? "";
  const named = (file: Omit<SwarmFile, "name">): SwarmFile => ({
    ...file,
    name: `reyns-${nameFor(file.path, file.content)}`,
  });
  const keys = hasEntrypoint ? keyFiles : [];
  return [
    ...keys.map((file) =>
      named({
        kind: "secrets",
        path: `/etc/reyns/keys/${file}`,
        content: readUnlinkedFile(join(keysFolder, file)),
        ...rootOnly,
      }),
    ),
    // Swarm takes no empty file; the process gets an empty variable without it.
    ...nonEmpty(variables).map(({ name: file, content, uid = 0, mode }) =>
      named({ kind: "secrets", path: `${secretsFolder}/${file}`, content, uid, gid: 0, mode }),
    ),
    ...copiedFiles.map(({ path, content, uid, gid, mode, secret }) =>
      named({
        kind: secret === undefined ? "configs" : "secrets",
        path,
        content: Buffer.from(content, "base64"),
        ...{ uid, gid, mode },
      }),
    ),
  ];
}

function nonEmpty(files: readonly SecretFileEntry[]): SecretFileEntry[] {
  return files.filter(({ content }) => content.length > 0);
}

const rootOnly = { uid: 0, gid: 0, mode: 0o600 };
