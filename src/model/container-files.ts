import { posix } from "node:path";

/** A file that a container gets before it starts. */
export interface ContainerFile {
  /** Absolute path in the container. */
  readonly path: string;
  /** Its bytes in base64. */
  readonly content: string;
  /** Permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** The name of the secret that it is: it must be in no image and on no disk when the container is gone. */
  readonly secret?: string;
}

/** The folder in which programs look for secrets. */
export const secretsFolder = "/run/secrets";

/** The part of a definition that a copied file is. */
export function copiedFilePart({ path, secret }: Pick<ContainerFile, "path" | "secret">): string {
  return secret === undefined ? `file ${path}` : `secret ${secret}`;
}

/** Whether a part of a definition is a copied file: a mounted one has a relative path. */
export function isCopiedFilePart(part: string): boolean {
  return /^(?:file \/|secret )/.test(part);
}

/** Whether a path is a folder, or below it. */
export function isWithinFolder(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** Files that the Engine mounts over those of the container -> the option that sets their content. */
const enginesOwn: Readonly<Record<string, string>> = {
  "/etc/hosts": "extraHosts",
  "/etc/hostname": "hostname",
  "/etc/resolv.conf": "dns, dnsSearch and dnsOpt",
};

/** Why no file can be put at a path of a container, with what to do; undefined when one can. */
export function filePathMistake(
  path: string,
): { readonly message: string; readonly hint: string } | undefined {
  const isFile = path.startsWith("/") && !path.endsWith("/") && !path.includes("\0");
  if (!isFile || posix.normalize(path) !== path)
    return {
      message: `${JSON.stringify(path)} is not the path of a file in the container`,
      hint: 'write an absolute path without "." and "..", such as "/etc/app.conf"',
    };
  const option = Object.hasOwn(enginesOwn, path) ? enginesOwn[path] : undefined;
  if (option !== undefined)
    return { message: `the Engine itself writes ${path}`, hint: `use ${option}` };
  if (!["/proc", "/sys", "/dev"].some((folder) => isWithinFolder(path, folder))) return undefined;
  return { message: `${path} is not on a disk`, hint: "choose another path" };
}
