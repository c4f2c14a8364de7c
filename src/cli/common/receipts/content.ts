import { join } from "node:path";
import type { Project } from "../../../model/project.ts";
import type { ReceiptImage, ReceiptInstance } from "../../../model/receipt.ts";
import { keysFolder, privateFolder } from "../../../model/resource-names.ts";
import { contentOf, type ComparedContent } from "../../../plan/receipts/compare.ts";
import { definitionTexts, imageNameOf } from "../../../plan/receipts/definition-texts.ts";
import {
  hostPaths,
  isAtOrBelow,
  mountedSources,
  shownPath,
  type MountedSource,
} from "../../../plan/receipts/mounted.ts";
import { sharedTexts } from "../../../plan/receipts/shared-texts.ts";
import type { SelectedInstance } from "../../../plan/select/selection.ts";
import { cacheFileIn, findCachedBuild } from "../../../runtime/build/cache.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { createReceiptDigester, type ReceiptDigester } from "../../../runtime/receipts/digester.ts";
import { digestMounted, type FileDigests } from "../../../runtime/receipts/file-digests.ts";
import { findReceiptImage, type FoundImage } from "../../../runtime/receipts/images.ts";

/** What a receipt is made from, or compared with. */
export interface ContentRequest {
  /** The Engine that runs an instance. */
  readonly engineOf: (selected: SelectedInstance) => Engine;
  /** As it is defined: see `asDefined`. */
  readonly project: Project;
  readonly group: string | undefined;
  readonly selected: readonly SelectedInstance[];
  /** The image to look at for an instance: its name, or the id that is known already. */
  readonly imageOf: (selected: SelectedInstance) => string;
  /** When the tests began: a mounted file that instances may write to, and have written since, is data. */
  readonly startedAt?: Date | undefined;
}

/** The content of a receipt as it is here. */
export interface FoundContent extends ComparedContent {
  readonly project: string;
  readonly mounted: readonly string[];
  /** The same by the host name of the instance. */
  readonly mountedBy: ReadonlyMap<string, readonly string[]>;
  readonly changes: FileDigests["changes"];
  readonly missing: FileDigests["missing"];
}

/** Describes what is defined here, what it would run, and the files that it mounts. */
export async function describeContent(request: ContentRequest): Promise<FoundContent> {
  const { project, group = null, selected } = request;
  const digester = await createReceiptDigester(keysFolder(project));
  const sources = mountedSources(project, selected);
  const own = filesOf(sources, project);
  const [images, { files, changes, skipped, missing }] = await Promise.all([
    findImages(request),
    digestMounted(own, digester, {
      writtenSince: request.startedAt?.getTime(),
      leftOut: hostPaths(project),
    }),
  ]);
  const instances = selected.map((one) => {
    const imageName = imageNameOf(project, one);
    const found = images.get(one.host);
    const image = found && { name: imageName, ...found };
    const data = sources
      .filter(({ host }) => host === one.host)
      .flatMap((source) => notCompared(source, skipped));
    return { ...instanceContent(one, { project, digester, data }), image, imageName };
  });
  return {
    project: project.name,
    conf: project.conf.name,
    group,
    instances,
    shared: digestAll(sharedTexts(project), "shared", digester),
    files: Object.fromEntries(files),
    mounted: own.map(({ shown }) => shown),
    mountedBy: mountedByHost(sources, project),
    changes,
    missing,
  };
}

function mountedByHost(
  sources: readonly MountedSource[],
  project: Project,
): FoundContent["mountedBy"] {
  const own = Map.groupBy(
    sources.filter(({ isOwn }) => isOwn),
    ({ host }) => host,
  );
  return new Map(
    [...own].map(([host, mounts]) => [
      host,
      mounts.map(({ source }) => shownPath(source, project)),
    ]),
  );
}

/** What is not compared of a mount: all of it, or what is skipped below it. */
function notCompared({ source, isOwn }: MountedSource, skipped: ReadonlySet<string>): string[] {
  if (!isOwn || skipped.has(source)) return [source];
  return [...skipped].filter((path) => isAtOrBelow(path, source));
}

interface InstanceContext {
  readonly project: Project;
  readonly digester: ReceiptDigester;
  /** Absolute paths of what it mounts and is not compared. */
  readonly data: readonly string[];
}

function instanceContent(
  selected: SelectedInstance,
  { project, digester, data }: InstanceContext,
): Omit<ReceiptInstance, "image"> {
  const { host, service, instance, definition } = selected;
  const { parts, free } = definitionTexts(project, selected);
  const mounted = data.map((path) => contentOf(shownPath(path, project)));
  return {
    host,
    service,
    instance,
    group: definition.group ?? null,
    definition: digestAll(parts, host, digester),
    free: [...free, ...new Set(mounted)],
  };
}

function digestAll(
  texts: Readonly<Record<string, string>>,
  place: string,
  digester: ReceiptDigester,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([part, text]) => [part, digester.text(`${place} ${part}`, text)]),
  );
}

/** Each path once; one that any instance may write to is written. */
function filesOf(
  sources: readonly MountedSource[],
  project: Project,
): { path: string; shown: string; isWritable: boolean }[] {
  const own = sources.filter(({ isOwn }) => isOwn);
  return [...Map.groupBy(own, ({ source }) => source)].map(([path, mounts]) => ({
    path,
    shown: shownPath(path, project),
    isWritable: mounts.some(({ readOnly }) => !readOnly),
  }));
}

/** The images of instances by host names; each is looked up once on each Engine. */
async function findImages({
  engineOf,
  project,
  selected,
  imageOf,
}: ContentRequest): Promise<Map<string, Omit<ReceiptImage, "name">>> {
  const cacheFile = cacheFileIn(join(project.folder, privateFolder));
  const lookUps = new Map<Engine, Map<string, ReturnType<typeof findReceiptImage>>>();
  const lookUp = (engine: Engine, reference: string): ReturnType<typeof findReceiptImage> => {
    const known = lookUps.get(engine) ?? new Map<string, ReturnType<typeof findReceiptImage>>();
    const found = known.get(reference) ?? findReceiptImage(engine, reference);
    lookUps.set(engine, known.set(reference, found));
    return found;
  };
  const found = await Promise.all(
    selected.map(async (one) => {
      const image = await lookUp(engineOf(one), imageOf(one));
      const name = imageNameOf(project, one);
      return image && ([one.host, withInputs(image, name, cacheFile)] as const);
    }),
  );
  return new Map(found.filter((entry) => entry !== undefined));
}

function withInputs(
  image: FoundImage,
  name: string,
  cacheFile: string,
): Omit<ReceiptImage, "name"> {
  const { id, content, digests } = image;
  const built = findCachedBuild(cacheFile, name.replace(/:latest$/, ""));
  return { id, content, digests: [...digests], inputs: built?.id === id ? built.inputs : null };
}
