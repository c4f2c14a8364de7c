import { isUtf8 } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Place } from "../../errors.ts";
import { unreadableReason } from "../../lib/read-regular-file.ts";
import type { Variables } from "./dotenv-files.ts";
import { composeFields } from "./file-fields.ts";
import { parseYaml } from "./parse-yaml.ts";
import type { ComposeReport } from "./report.ts";
import type { SourceMap } from "./source-node.ts";
import { interpolateNode } from "./template.ts";

/** What all files of a project share. */
export interface Loading {
  readonly report: ComposeReport;
  readonly home: string | undefined;
  /** Absolute paths of the files read. */
  readonly files: Set<string>;
}

/** What a file is read with. */
export interface FileContext extends Variables {
  /** Folder that its paths are relative to. */
  readonly folder: string;
}

/** Compose files have some kilobytes. */
const mostBytes = 1_000_000;

/**
 * Reads the documents of a file in their canonical form, not merged yet; none if it cannot be read.
 *
 * @param from where it is named; the file itself if nobody names it
 */
export function loadDocuments(
  file: string,
  { folder, ...variables }: FileContext,
  { report, home, files }: Loading,
  from?: Place,
): SourceMap[] {
  files.add(file);
  const text = readText(file, from ?? { file }, report);
  if (text === undefined) return [];
  return parseYaml(text, file, report).flatMap((node) => {
    const filled = interpolateNode(node, variables, report);
    const read = composeFields.read(filled, { report, home, folder, name: "" });
    return read?.kind === "map" ? [read] : [];
  });
}

/** The text of a compose file; undefined if it cannot be read, which is reported. */
export function readText(file: string, at: Place, report: ComposeReport): string | undefined {
  const bytes = readBytes(file);
  if (typeof bytes === "string") {
    report.error(at, `cannot read ${file}: ${bytes}`);
    return undefined;
  }
  if (isUtf8(bytes)) return bytes.toString();
  report.error({ file }, "the file is not UTF-8", "save it as UTF-8");
  return undefined;
}

/** The content, or why there is none. Stops at the limit: a device has no end. */
function readBytes(file: string): Buffer | string {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (error) {
    return unreadableReason(error);
  }
  try {
    if (fstatSync(descriptor).isDirectory()) return "it is a folder";
    const buffer = Buffer.alloc(mostBytes + 1);
    let length = 0;
    for (let count = -1; count !== 0; length += count)
      count = readSync(descriptor, buffer, length, buffer.length - length, null);
    return length > mostBytes ? "it is larger than 1 MB" : buffer.subarray(0, length);
  } catch (error) {
    return unreadableReason(error);
  } finally {
    closeSync(descriptor);
  }
}

/** Whether a path is an address, which Compose would fetch. */
export function isRemote(path: string): boolean {
  return path.includes("://") || /^(git@|github\.com\/)|\.git(#|$)/.test(path);
}
