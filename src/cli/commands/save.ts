import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { defineCommand } from "citty";
import { ReynsError } from "../../errors.ts";
import { formatSize } from "../../lib/format-size.ts";
import { pluralize } from "../../lib/pluralize.ts";
import { nodesOf } from "../../model/nodes.ts";
import { savedExtension } from "../../model/saved-project.ts";
import type { Project } from "../../model/project.ts";
import { imageOfKeeper, imagesOfConf } from "../../plan/images-to-save.ts";
import { listFilesToSave, type LeftOut } from "../../project/files-to-save.ts";
import { mayHaveNodes } from "../../project/locate.ts";
import type { Engine } from "../../runtime/connect.ts";
import { openSaved, type SavedProject } from "../../runtime/saved/open.ts";
import { findReceipt } from "../../runtime/saved/receipts.ts";
import { findImagesToSave, saveProject, type SaveRequest } from "../../runtime/saved/save.ts";
import { describeCommit } from "../../runtime/versions/commit.ts";
import { selfCommand } from "../../lib/self-command.ts";
import { log } from "../../ui/output/log.ts";
import { printJson } from "../../ui/output/print.ts";
import { createTransferLine } from "../../ui/progress/transfer.ts";
import { savedCounts, savedSummary } from "../../ui/views/saved.ts";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { connectEngine, locateProject } from "../common/context.ts";
import { loadLastConf } from "../common/last-conf.ts";
import { withInterrupt } from "../common/interrupt.ts";
import { noteSavedMounts } from "../common/saved-mounts.ts";
import { recognizeSecrets } from "../common/project-secrets.ts";
import { loadRunningProject } from "./run/resolve-conf.ts";

export const examples: Examples = [
  ["reyns save", "the images of the conf and the project's files, into PROJECT-COMMIT.reyns"],
  ["reyns save out=/media/usb/shop.reyns executable=true", "with Reyns, for a machine without it"],
  ["reyns save since=shop-1.reyns", "only what has changed since that file"],
  ["reyns save conf=prod group=node2", "the images of one machine"],
];

export const command = defineCommand({
  meta: {
    name: "save",
    description:
      "Packs the images of a conf, the project's files and its receipt into one compressed file, which load brings to a machine without a network. Keys, secrets, host.conf, data and what .gitignore ignores stay here.",
  },
  args: {
    out: {
      type: "string",
      valueHint: "FILE",
      description: `File to write; PROJECT-COMMIT${savedExtension} in this folder by default, with the date where there is no commit`,
    },
    conf: args.conf,
    group: args.group,
    receipt: {
      type: "string",
      valueHint: "FILE",
      description: "The receipt to pack; by default the newest one of these images",
    },
    since: {
      type: "string",
      valueHint: "FILE",
      description: "An earlier file, which is loaded before: what it has is left out",
    },
    executable: { type: "boolean", description: "Pack this executable, too" },
    force: {
      type: "boolean",
      description:
        "Overwrite the file if it exists; save although the secrets of another conf cannot be recognized",
    },
    json: args.json,
  },
  run: async ({ args: given }) => {
    const project = await projectToSave(args.parseConfName(given.conf));
    const commit = await describeCommit(project.folder);
    const out = resolve(given.out ?? `${project.name}-${commit ?? timestamp()}${savedExtension}`);
    checkTarget(out, given);
    const executable = given.executable ? executablePath() : undefined;
    const engine = await connectEngine();
    const images = await requireImages(engine, project, given.group);
    const receipts = await requireReceipt(engine, project, images, given.receipt);
    const { files, leftOut, ignored } = await listFilesToSave(
      project,
      await recognizeSecrets(project, given.force ?? false),
    );
    const result = await withInterrupt(async (signal) => {
      await using base =
        given.since === undefined ? undefined : await openBase(given.since, project, signal);
      const request: SaveRequest = {
        project: project.name,
        conf: project.conf.name,
        ...(given.group !== undefined && { group: given.group }),
        ...(commit !== undefined && { commit }),
        folder: project.folder,
        images,
        files: files.filter(({ path }) => resolve(project.folder, path) !== out),
        receipts,
        executable,
        base,
      };
      return await save(engine, out, request, signal);
    });
    report({ ...result, out, leftOut, json: given.json ?? false });
    noteSavedMounts(
      project,
      given.group,
      files.map(({ path }) => path),
      ignored,
    );
  },
});

/** Without a name, the conf that runs here; on several machines, which are not asked, the one that ran last. */
async function projectToSave(conf: string | undefined): Promise<Project> {
  if (conf === undefined && mayHaveNodes(await locateProject())) {
    const last = await loadLastConf();
    if (nodesOf(last.conf).length > 0) return last;
  }
  return loadRunningProject(conf);
}

function timestamp(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
}

/** @throws ReynsError FILE_REFUSED, INVALID_VALUE */
function checkTarget(
  out: string,
  { force, since }: { readonly force?: boolean | undefined; readonly since?: string | undefined },
): void {
  if (since !== undefined && resolve(since) === out)
    throw new ReynsError("INVALID_VALUE", "out and since are the same file", {
      hint: "what has changed is saved into another file",
    });
  if (!existsSync(dirname(out)))
    throw new ReynsError("FILE_REFUSED", `the folder of ${out} does not exist`);
  if (statSync(out, { throwIfNoEntry: false })?.isDirectory())
    throw new ReynsError("FILE_REFUSED", `${out} is a folder`, {
      hint: `name a file: out=${join(out, `shop${savedExtension}`)}`,
    });
  if (force || !existsSync(out)) return;
  throw new ReynsError("FILE_REFUSED", `${out} exists already`, {
    hint: "give another name with out=FILE, or overwrite it with force=true",
  });
}

/** @throws ReynsError BAD_EXECUTABLE when this runs from its source */
function executablePath(): string {
  const [path = "", ...more] = selfCommand();
  if (more.length === 0) return path;
  throw new ReynsError("BAD_EXECUTABLE", "this Reyns runs from its source, and is no executable");
}

/** @throws ReynsError ENGINE_REFUSED for images that are not there */
async function requireImages(
  engine: Engine,
  project: Project,
  group: string | undefined,
): Promise<SaveRequest["images"]> {
  const names = imagesOfConf(project, group);
  const found = await findImagesToSave(engine, names);
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0)
    throw new ReynsError("ENGINE_REFUSED", `not on this Engine: ${missing.join(", ")}`, {
      hint: "build and pull them first: reyns build all, reyns pull all",
    });
  const keeper = imageOfKeeper(project, found);
  if (keeper === undefined) return found;
  return new Map([...found, ...(await findImagesToSave(engine, [keeper]))]);
}

/** @throws ReynsErrors RECEIPT_REFUSED, KEYS_UNUSABLE */
async function requireReceipt(
  engine: Engine,
  { folder, name, conf }: Project,
  images: SaveRequest["images"],
  given: string | undefined,
): Promise<SaveRequest["receipts"]> {
  const names = [...images.keys()];
  const request = { folder, project: name, conf: conf.name, images: names, given };
  const { files, refused } = await findReceipt(engine, request);
  for (const { message } of refused)
    log.warn(`left out: a receipt that does not count: ${message}`);
  return files;
}

/** @throws ReynsError FILE_REFUSED for a file of another project */
async function openBase(
  file: string,
  project: Project,
  signal: AbortSignal,
): Promise<SavedProject> {
  const base = await openSaved(file, { signal });
  if (base.index.project === project.name) return base;
  await base[Symbol.asyncDispose]();
  throw new ReynsError(
    "FILE_REFUSED",
    `${file} has the project ${base.index.project}, not ${project.name}`,
  );
}

async function save(
  engine: Engine,
  out: string,
  request: SaveRequest,
  signal: AbortSignal,
): ReturnType<typeof saveProject> {
  // One image may have several names.
  const images = new Map([...request.images.values()].map(({ id, size }) => [id, size]));
  const total = [...images.values()].reduce((sum, size) => sum + size, 0);
  log.info(
    `saving ${pluralize(images.size, "image")} of the conf "${request.conf}", ${formatSize(total)}, to ${basename(out)}`,
  );
  const line = createTransferLine("saving");
  try {
    return await saveProject(engine, out, request, { signal, onProgress: line.show });
  } finally {
    line.close();
  }
}

interface SaveReport extends Awaited<ReturnType<typeof saveProject>> {
  readonly out: string;
  readonly leftOut: readonly LeftOut[];
  readonly json: boolean;
}

function report({ index, size, out, leftOut, json }: SaveReport): void {
  for (const { path, reason } of leftOut) log.warn(`left out: ${path}, ${reason}`);
  for (const { names, id } of index.images)
    if (names.length === 0) log.warn(`an image that has no name, only its id: ${id}`);
  if (json) return printJson({ file: out, ...savedCounts(index, size), leftOut });
  log.success(`saved ${savedSummary(index, size)} to ${out}`);
}
