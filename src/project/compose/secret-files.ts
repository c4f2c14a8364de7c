import type { Environment } from "../../lib/environment.ts";
import { readCompose } from "./read.ts";

/** Absolute paths of the files of all secrets of a Compose project, also of those that no service uses. */
export function composeSecretFiles(folder: string, env: Environment): string[] {
  const { secrets = {} } = readCompose(folder, env).file;
  return Object.values(secrets).flatMap(({ file }) => (file ? [file] : []));
}
