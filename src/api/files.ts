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

/**
 * A file of this host, as a value of `files`. It is read when the definition is, and may have 8 MiB.
 *
 * @param path relative to the project's folder
 * @param options owner and permissions in the container
 * @example
 * service("web", { image: "caddy:2", files: { "/etc/caddy/Caddyfile": file("./Caddyfile") } });
 */
export function file(path: string, options: FileOptions = {}): ProjectFile {
  return { file: path, ...options };
}
