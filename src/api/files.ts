import type { EnvValue } from "../model/project.ts";

/** Owner and permissions of a file in a container. */
export interface FileOptions {
  /** Permissions, such as `0o600` or `"0600"`. Default: `0o644`, and `0o755` for an executable file of the project. */
  readonly mode?: number | string;
  /** Number of its owner. Default: 0, which is root. */
  readonly uid?: number;
  /** Number of its group. Default: 0. */
  readonly gid?: number;
}

/** A file of this host, as `file()` returns it. */
export interface ProjectFile extends FileOptions {
  /** Its path, relative to the project's folder. */
  readonly file: string;
}

/** A file whose content is in the definition. */
export interface TextFile extends FileOptions {
  readonly content: string;
}

/** A file of a container: its content as a string, `file("./app.conf")`, or its parts. */
export type FileInput = string | ProjectFile | TextFile;

/** Where a secret is in the container, and who may read it. */
export interface SecretOptions {
  /** A name in `/run/secrets`, or an absolute path. Default: the secret's name. */
  readonly target?: string;
  /** Permissions. Default: `0o444`. */
  readonly mode?: number | string;
  /** Number of its owner. Default: 0, which is root. */
  readonly uid?: number;
  /** Number of its group. Default: 0. */
  readonly gid?: number;
}

/** A secret in parts: from a file of this host, from a variable of the environment or `host.conf`, or a text. */
export type SecretParts = SecretOptions &
  ({ readonly file: string } | { readonly environment: string } | { readonly content: string });

/** A secret: `file("./db_password.txt")`, `required()`, its text, or its parts. */
export type SecretInput = string | null | EnvValue | SecretParts;

/**
 * A file of this host, as a value of `files` or `secrets`. It is read when the definition is, and may have 8 MiB.
 *
 * @param path relative to the project's folder
 * @param options owner and permissions in the container
 * @example
 * service("web", { image: "caddy:2", files: { "/etc/caddy/Caddyfile": file("./Caddyfile") } });
 */
export function file(path: string, options: FileOptions = {}): ProjectFile {
  return { file: path, ...options };
}
