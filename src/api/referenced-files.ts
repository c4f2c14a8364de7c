import type { ReynsError, Place } from "../errors.ts";
import type { ContainerFile } from "../model/container-files.ts";
import type { SecretDefinition } from "../model/project.ts";
import type { NamedEnvFile } from "./env-file.ts";
import type { FileRequest, SecretRequest } from "./file-schemas.ts";

/** What the options of an instance have in files. */
export interface ReferencedFiles {
  /** Variables of the env files. */
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly ContainerFile[];
  readonly secrets: readonly SecretDefinition[];
}

interface FileOptionsGiven {
  /** Its own variables. */
  readonly env: Readonly<Record<string, unknown>>;
  readonly envFile: readonly NamedEnvFile[];
  readonly files: Readonly<Record<string, FileRequest>>;
  readonly secrets: Readonly<Record<string, SecretRequest>>;
}

interface ReferencesRead extends ReferencedFiles {
  readonly errors: readonly ReynsError[];
  readonly warnings: readonly string[];
}

/** Reads the files that the options of an instance name. */
export async function readReferencedFiles(
  { env, envFile, files, secrets }: FileOptionsGiven,
  folder: string,
  at: Place,
): Promise<ReferencesRead> {
  const none = { env: {}, files: [], secrets: [], errors: [], warnings: [] };
  const variables =
    envFile.length === 0
      ? none
      : (await import("./env-file.ts")).readEnvFiles(envFile, folder, at, process.env, env);
  const copied =
    Object.keys(files).length === 0
      ? none
      : await (await import("./read-files.ts")).readFiles(files, folder, at);
  const secret =
    Object.keys(secrets).length === 0
      ? none
      : await (await import("./read-secrets.ts")).readSecrets(secrets, folder, at);
  return {
    env: variables.env,
    files: copied.files,
    secrets: secret.secrets,
    errors: [...variables.errors, ...copied.errors, ...secret.errors],
    warnings: [...variables.warnings, ...copied.warnings],
  };
}
