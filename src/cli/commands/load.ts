import { existsSync, mkdirSync } from "node:fs";
import { basename, relative, resolve } from "node:path";
import { defineCommand } from "citty";
import { hasCode } from "../../errors.ts";
import { formatSize } from "../../lib/format-size.ts";
import { pluralize } from "../../lib/pluralize.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import type { ProjectFolder } from "../../model/project.ts";
import { keysFolder } from "../../model/resource-names.ts";
import { resolveOrigin } from "../../project/origin.ts";
import { hasKeys } from "../../runtime/keys/store.ts";
import type { FileChanges } from "../../runtime/saved/compare-files.ts";
import { verifySaved, type LoadedImage } from "../../runtime/saved/load.ts";
import { loadProjectInto, planLoad, removeUnused } from "../../runtime/saved/load-project.ts";
import { openSaved, type SavedProject } from "../../runtime/saved/open.ts";
import { receiveFile, type ReceivedFile } from "../../runtime/saved/receive.ts";
import { log } from "../../ui/output/log.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { createTransferLine } from "../../ui/progress/transfer.ts";
import { confirmOrCancel } from "../../ui/prompts/prompts.ts";
import { formatSaved, savedCounts, savedSummary } from "../../ui/views/saved.ts";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { connectEngine } from "../common/context.ts";
import { withInterrupt } from "../common/interrupt.ts";
import { withProjectLock, type LockedProject } from "../common/with-project-lock.ts";

export const examples: Examples = [
  ["reyns load shop-3f2a91c.reyns", "the images, and the project's files in ./shop"],
  ["reyns load shop.reyns folder=/srv/shop", "into another folder"],
  ["reyns load shop.reyns check=true", "verifies the file and lists what it has"],
  ["reyns load shop.reyns node=all", "and sends each machine the images that its instances run"],
  ["ssh build cat shop.reyns | reyns load -", "from standard input"],
];

export const command = defineCommand({
  meta: {
    name: "load",
    description:
      "Loads a file of save: its images into the Engine, and the project's files into a folder. Needs no network. The file is verified before anything is loaded; host.conf, keys and data of the folder stay as they are.",
  },
  args: {
    file: {
      type: "positional",
      required: true,
      valueHint: "FILE",
      description: "A file that save has written; - for standard input",
    },
    folder: {
      type: "string",
      valueHint: "PATH",
      description: "Folder for the project's files; ./PROJECT by default",
    },
    node: {
      type: "string",
      valueHint: "NODE,...",
      description: "Also send the images to these machines, as node() names them; all for each",
    },
    partial: {
      type: "boolean",
      description: "With node=, go on without machines that do not answer; the exit status is 1",
    },
    check: { type: "boolean", description: "Verify the file and list what it has; load nothing" },
    force: {
      type: "boolean",
      alias: "yes",
      description: "Overwrite files that have been changed since an earlier load",
    },
    wait: args.wait,
    json: args.json,
  },
  // All of it: without a listener, a signal would end the process before it has removed what it made.
  run: ({ args: given }) => withInterrupt((signal) => loadFile(given, signal)),
});

interface LoadCall {
  readonly file: string;
  readonly folder?: string | undefined;
  readonly node?: string | undefined;
  readonly check?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly wait?: string | undefined;
  readonly json?: boolean | undefined;
}

async function loadFile(call: LoadCall, signal: AbortSignal): Promise<void> {
  const { file, folder, check = false, wait, json = false } = call;
  await using received = await receiveFile(file, signal);
  await using saved = await open(received, signal);
  if (check) {
    await reportCheck(saved, { json, signal });
    return;
  }
  const target = resolve(folder ?? saved.index.project);
  planLoad(target, saved);
  const seconds = args.parseSeconds(wait, "wait");
  const { images: loaded, kept } = await loadInto(target, saved, { ...call, seconds });
  for (const path of kept)
    log.warn(`not removed: ${path}, which is in a folder of data or behind a link now`);
  if (json)
    return printJson({
      folder: target,
      ...savedCounts(saved.index, saved.size),
      images: loaded,
    });
  report(saved, target, loaded);
}

/** Makes the folder where it is not there yet, and takes it away again when nothing comes into it. */
async function loadInto(
  target: string,
  saved: SavedProject,
  { seconds, node, force = false }: LoadCall & { readonly seconds: number | undefined },
): ReturnType<typeof load> {
  const isNew = !existsSync(target);
  // For the lock in it.
  mkdirSync(target, { recursive: true });
  try {
    return await withProjectLock({ place: placeOf(target), wait: seconds }, async (locked) => {
      const done = await load(saved, target, locked, force);
      if (node === undefined) return done;
      const { sendToNodes } = await import("./load-nodes.ts");
      await sendToNodes(saved.index, target, { names: node, locked });
      return done;
    });
  } catch (error) {
    if (isNew && !hasCode(error, "BUSY")) removeUnused(target);
    throw error;
  }
}

/** A project that begins there, unless it has been used there. */
function placeOf(folder: string): ProjectFolder {
  return { folder, origin: resolveOrigin(folder, process.env).origin };
}

async function open({ path, name }: ReceivedFile, signal: AbortSignal): Promise<SavedProject> {
  const line = createTransferLine(`verifying ${basename(name)}`);
  try {
    return await openSaved(path, { name, signal, onProgress: line.show });
  } finally {
    line.close();
  }
}

async function reportCheck(
  saved: SavedProject,
  { json, signal }: { readonly json: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const line = createTransferLine("verifying its contents");
  try {
    await verifySaved(saved, signal, line.show);
  } finally {
    line.close();
  }
  const { index, size } = saved;
  if (json)
    return printJson({
      ...savedCounts(index, size),
      paths: index.files.map(({ path }) => path),
    });
  print(formatSaved(index, size));
}

async function load(
  saved: SavedProject,
  folder: string,
  locked: LockedProject,
  force: boolean,
): ReturnType<typeof loadProjectInto> {
  const engine = await connectEngine();
  const first = planLoad(folder, saved);
  if (first.changed.length > 0 && !force)
    await locked.releaseLockWhile(() => confirmChanges(first, folder));
  const { images } = saved.index;
  log.info(
    `loading ${pluralize(images.length, "image")} of ${saved.index.project} (${formatSize(saved.size)})`,
  );
  const line = createTransferLine("loading");
  try {
    const { signal } = locked;
    const work = loadProjectInto(engine, folder, saved, {
      signal,
      agreed: force ? undefined : first.changed,
      onProgress: line.show,
    });
    locked.begin();
    locked.holdExit(work);
    return await work;
  } finally {
    line.close();
  }
}

function confirmChanges({ changed }: FileChanges, folder: string): Promise<void> {
  const names = summarizeList(changed, 5);
  return confirmOrCancel({
    question: `Changed in ${folder} since they were loaded: ${names}. Overwrite them?`,
    hint: "keep copies of them elsewhere, then add force=true",
    yes: false,
  });
}

function report(
  { index, size }: SavedProject,
  folder: string,
  loaded: readonly LoadedImage[],
): void {
  for (const { name, id } of loaded)
    if (id === undefined) log.warn(`the Engine has taken the images, but has no ${name}`);
  const others = loaded.filter(({ id, savedId }) => id !== undefined && id !== savedId);
  if (others.length > 0)
    log.info(
      `this Engine's image store has ids of its own: ${summarizeList(
        others.map(({ name }) => name),
        3,
      )}`,
    );
  log.success(`loaded ${savedSummary(index, size)}`);
  const way = relative(process.cwd(), folder) || ".";
  const keys = hasKeys(keysFolder({ folder })) ? "" : ", bring its keys (reyns keys import FILE)";
  const conf = index.conf === "default" ? "" : ` conf=${index.conf}`;
  const receipt = index.receipts.length > 0 ? " receipt=latest" : "";
  log.info(`next: cd ${way}${keys}, and reyns run all${conf}${receipt}`);
}
