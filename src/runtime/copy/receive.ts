import { lstatSync } from "node:fs";
import { link, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { extract, type Header } from "tar-stream";
import { ReynsError } from "../../errors.ts";
import { copyRefused } from "./container-path.ts";
import type { CopySettings } from "./count.ts";
import { applyToFolder, replace, writeFile, writeLink } from "./write-received.ts";

/**
 * Unpacks a tar from a container to a path of this machine: its first entry becomes that path. The container decides what
 * the tar has, so nothing is written outside of the path or through a link, and only files, folders and links are made.
 *
 * @throws ReynsError FILE_REFUSED; the file system's errors
 */
export async function receiveTree(
  archive: AsyncIterable<Uint8Array>,
  target: string,
  settings: CopySettings,
): Promise<void> {
  const reader = extract();
  const source = Readable.from(archive);
  const failed = new AbortController();
  source.on("error", (error) => reader.destroy(error)).pipe(reader);
  for (const stream of [source, reader]) stream.on("error", (error) => failed.abort(error));
  const tree: Tree = { target, folders: new Set([dirname(target)]), made: [], settings };
  try {
    for await (const entry of reader)
      await addEntry(tree, entry.header, entry as unknown as AsyncIterable<Uint8Array>);
  } catch (error) {
    throw explain(failed.signal.aborted ? failed.signal.reason : error);
  } finally {
    source.destroy();
  }
  // The inner ones first: a folder may be read-only, and its time is that of its last change.
  for (const [path, header] of tree.made.toReversed()) await applyToFolder(path, header, settings);
}

function explain(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof ReynsError || code !== undefined) return error;
  return copyRefused(`the Engine's tar cannot be read: ${message}`);
}

/** What is received. */
interface Tree {
  readonly target: string;
  /** The name of the first entry. */
  root?: string;
  /** Paths that are known to be folders, and no links. */
  readonly folders: Set<string>;
  /** New folders, with what they become at the end. */
  readonly made: [path: string, header: Header][];
  readonly settings: CopySettings;
}

async function addEntry(
  tree: Tree,
  header: Header,
  content: AsyncIterable<Uint8Array>,
): Promise<void> {
  const { target, settings } = tree;
  const { count } = settings;
  tree.root ??= header.name;
  const path = pathOf(tree, header.name);
  if (path !== target) await checkParents(tree, path);
  if (header.type === "directory") {
    await makeFolder(tree, path, header);
    count.folders += 1;
  } else if (header.type === "file") {
    await replace(path, (temporary) => writeFile(temporary, header, content, settings));
    count.files += 1;
  } else if (header.type === "symlink") {
    await replace(path, (temporary) => writeLink(temporary, header, settings));
    count.links += 1;
  } else if (header.type === "link") {
    const existing = await findLinked(tree, header.linkname ?? "");
    await replace(path, (temporary) => link(existing, temporary));
    count.files += 1;
  } else count.leftOut.push(path);
  // An entry has to be read to its end before the next one comes.
  for await (const _ of content);
}

async function makeFolder({ folders, made }: Tree, path: string, header?: Header): Promise<void> {
  if (folders.has(path)) return;
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats && !stats.isDirectory())
    throw copyRefused(`${path} is ${stats.isSymbolicLink() ? "a link" : "a file"}, and no folder`);
  if (!stats) await mkdir(path, 0o700);
  if (!stats && header) made.push([path, header]);
  folders.add(path);
}

/** A link on the way to a path may lead anywhere. */
async function checkParents(tree: Tree, path: string): Promise<void> {
  const parent = dirname(path);
  if (tree.folders.has(parent)) return;
  await checkParents(tree, parent);
  await makeFolder(tree, parent);
}

/** The file that another name is given to: one below the target, too. */
async function findLinked(tree: Tree, name: string): Promise<string> {
  const path = pathOf(tree, name);
  await checkParents(tree, path);
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  throw copyRefused(`the container sends a link to ${path}, which is no file`);
}

function pathOf({ target, root = "" }: Tree, name: string): string {
  return join(target, ...namesBelow(root, name));
}

/** The folders and the file of an entry below the first one. */
function namesBelow(root: string, name: string): string[] {
  const [start, ...parts] = [root, name].map((text) =>
    text.split("/").filter((part) => part !== "" && part !== "."),
  );
  const all = parts.flat();
  const below = all.slice(start?.length ?? 0);
  const isBelow = (start ?? []).every((part, index) => part === all[index]);
  if (!isBelow || below.includes("..") || name.includes("\0"))
    throw copyRefused(`the container sends ${JSON.stringify(name)}, which lies elsewhere`);
  return below;
}
