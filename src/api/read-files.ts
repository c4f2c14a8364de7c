import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { inside, invalidProject, ReynsError, type Place } from "../errors.ts";
import { readBoundedFile, type BoundedFile } from "../lib/read-bounded-file.ts";
import { filePathMistake, type ContainerFile } from "../model/container-files.ts";
import type { FileRequest } from "./file-schemas.ts";

/** A run holds all files in memory. */
const maxFileBytes = 8 * 1024 ** 2;

export interface ReadFiles {
  readonly files: readonly ContainerFile[];
  readonly errors: readonly ReynsError[];
  readonly warnings: readonly string[];
}

/**
 * Reads the files that an instance gets.
 *
 * @param requests path in the container -> what the file consists of
 * @param folder the project's
 * @param at the call that defines the instance
 */
export async function readFiles(
  requests: Readonly<Record<string, FileRequest>>,
  folder: string,
  at: Place,
): Promise<ReadFiles> {
  const read = Object.entries(requests).map(async ([path, request]) => {
    const mistake = filePathMistake(path);
    if (mistake) return invalidProject(mistake.message, mistake.hint, inside(at, "files", path));
    const content = await readContent(request, folder, inside(at, "files", path, "file"));
    return content instanceof ReynsError ? content : toFile(path, request, content);
  });
  const results = await Promise.all(read);
  return {
    files: results.flatMap((result) => (result instanceof ReynsError ? [] : [result])),
    errors: results.filter((result) => result instanceof ReynsError),
    warnings: Object.entries(requests).flatMap((entry) => pathWarning(entry, folder)),
  };
}

function toFile(path: string, request: FileRequest, { content, mode }: BoundedFile): ContainerFile {
  const { uid, gid } = request;
  const standard = mode & 0o111 ? 0o755 : 0o644;
  return { path, content: content.toString("base64"), mode: request.mode ?? standard, uid, gid };
}

/**
 * The content of a file, and its permissions on this host.
 *
 * @param folder the project's
 */
export async function readContent(
  request: { readonly content: string } | { readonly file: string },
  folder: string,
  at: Place,
): Promise<BoundedFile | ReynsError> {
  if ("content" in request) {
    const content = Buffer.from(request.content);
    if (content.length <= maxFileBytes) return { content, mode: 0 };
    return invalidProject("the content is larger than 8 MiB", "mount a volume instead", at);
  }
  const path = resolve(
    folder,
    request.file.replace(/^~(?=\/|$)/, () => homedir()),
  );
  try {
    return await readBoundedFile(path, maxFileBytes);
  } catch (cause) {
    const message = `cannot read the file ${request.file}: ${reasonOf(cause as Error)}`;
    return invalidProject(message, `paths are relative to the project's folder: ${path}`, at);
  }
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return "it does not exist";
  return error.code === "EACCES" ? "this user may not" : error.message;
}

/** A string is the content, and looks like a path where somebody has left out `file()`. */
function pathWarning([path, request]: readonly [string, FileRequest], folder: string): string[] {
  const text = "content" in request ? request.content : "";
  if (!/^(?:\.{1,2}|~)?\/[^\s]+$/.test(text) || !existsSync(resolve(folder, text))) return [];
  return [`${path} contains the text "${text}"; to copy that file, write file("${text}")`];
}
