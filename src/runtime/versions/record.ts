import { dirname } from "node:path";
import type { Engine } from "../../docker/client/engine.ts";
import { inspectContainer } from "../../docker/containers/containers.ts";
import { findImage, tagImageIfExists, untagImage } from "../../docker/images/images.ts";
import { hasCode, ReynsErrors } from "../../errors.ts";
import { copyNameOf } from "../../model/copy-origin.ts";
import { labels } from "../../model/labels.ts";
import type { ProjectIdentity } from "../../model/resource-names.ts";
import type { AwaitInstance, StartInstance } from "../../model/steps.ts";
import { hasVersions, type InstanceVersion, type RecordedInstance } from "../../model/versions.ts";
import type { RuntimeContext } from "../context.ts";
import { describeCommit } from "./commit.ts";
import { sealFiles } from "./sealed-files.ts";
import { readVersions, removeVersions, updateVersions } from "./store.ts";

type VersionContext = Pick<RuntimeContext, "engine" | "keysFolder" | "stateFolder">;

function instanceOf({ host, spec }: StartInstance): RecordedInstance {
  const { [labels.project]: project = "", [labels.folder]: origin = "" } = spec.labels;
  return { host, project, origin };
}

/** The version that a step makes. */
interface NextVersion {
  readonly version: number;
  readonly commit: string | undefined;
}

type VersionFolders = Pick<RuntimeContext, "keysFolder" | "stateFolder">;

/** Undefined where no versions are kept. */
async function nextVersion(
  step: StartInstance,
  { keysFolder, stateFolder }: VersionFolders,
): Promise<NextVersion | undefined> {
  if (!hasVersions(step)) return undefined;
  const recorded = readVersions(stateFolder, instanceOf(step));
  const version = (recorded.at(-1)?.version ?? 0) + 1;
  const restored = recorded.find((other) => other.version === step.restores);
  if (restored) return { version, commit: restored.commit };
  return { version, commit: await describeCommit(dirname(dirname(keysFolder))) };
}

/** What a container says of its version; nothing where none is kept. */
export async function versionLabels(
  step: StartInstance,
  folders: VersionFolders,
): Promise<Readonly<Record<string, string>>> {
  const next = await nextVersion(step, folders);
  if (!next) return {};
  return {
    [labels.version]: String(next.version),
    ...(next.commit !== undefined && { [labels.commit]: next.commit }),
  };
}

/** The version that a start replaces. */
interface FormerVersion {
  readonly version: number;
  /** Id of the image that its name means, where the start is from an image of that name. */
  readonly newer: string | undefined;
}

/**
 * Remembers the image of the container that is about to be replaced, and names it where its own name stands for another
 * image by now: an image without a name goes with the next `docker image prune`.
 */
async function keepFormerVersion(
  step: StartInstance,
  { engine, stateFolder: folder }: VersionContext,
): Promise<FormerVersion | undefined> {
  const { removes, predecessor, spec } = step;
  const id = predecessor ?? removes;
  const instance = instanceOf(step);
  const recorded = readVersions(folder, instance);
  if (id === undefined || recorded.length === 0) return undefined;
  const former = await inspectContainer(engine, id);
  const version = Number(former?.labels[labels.version]);
  const own = recorded.find((other) => other.version === version);
  if (!former || !own) return undefined;
  const name = former.labels[labels.image] ?? former.imageId;
  const named = await findImage(engine, name);
  const keptAs = own.keptAs ?? keptName(spec.labels, version);
  const isNamedHere =
    named?.id !== former.imageId && (await tagImageIfExists(engine, former.imageId, keptAs));
  const fields = { imageId: former.imageId, ...(isNamedHere && { keptAs }) };
  updateVersions(folder, instance, (before) =>
    before.map((other) => (other.version === version ? { ...other, ...fields } : other)),
  );
  return { version, newer: name === spec.image ? named?.id : undefined };
}

/**
 * Names the image of a version that serves from now on where it would be too late at its replacement: in containerd's
 * store, a build of BuildKit removes the image whose last name it takes. Versions with the same image share a name. The
 * image is that of its container: the name that it was started by may have passed to another one meanwhile.
 */
async function nameAtStart(
  { spec, versions }: StartInstance,
  version: number,
  { engine, recorded }: { readonly engine: Engine; readonly recorded: readonly InstanceVersion[] },
): Promise<Pick<InstanceVersion, "imageId" | "keptAs">> {
  if (versions === 1 || !(await engine.features()).offersContainerdStore) return {};
  const { imageStoreOf } = await import("../../docker/images/image-store.ts");
  if ((await imageStoreOf(engine)) !== "containerd") return {};
  const imageId = (await inspectContainer(engine, spec.name))?.imageId;
  if (imageId === undefined) return {};
  const same = recorded.find((other) => other.keptAs !== undefined && other.imageId === imageId);
  const keptAs = same?.keptAs ?? keptName(spec.labels, version);
  return (await tagImageIfExists(engine, imageId, keptAs)) ? { imageId, keptAs } : {};
}

/** `shop/web-one:v3`, of a copy `shop/web-one:v3-demo`: another instance of its service has versions of its own. */
function keptName(values: Readonly<Record<string, string>>, version: number): string {
  const {
    [labels.project]: project,
    [labels.folder]: origin = "",
    [labels.service]: service,
    [labels.instance]: instance,
  } = values;
  const copy = copyNameOf(origin);
  return `${project}/${service}-${instance}:v${version}${copy === undefined ? "" : `-${copy}`}`;
}

/** Remembers on the version that serves which image was to replace it and failed. */
function recordFailedImage(
  instance: RecordedInstance,
  failedImage: string,
  { stateFolder: folder }: VersionContext,
  serving = readVersions(folder, instance).at(-1)?.version,
): void {
  updateVersions(folder, instance, (before) =>
    before.map((other) => (other.version === serving ? { ...other, failedImage } : other)),
  );
}

/** Not an interruption, keys that cannot be read, or a DNS that does not answer. */
function isOfImage(error: unknown): boolean {
  const errors: readonly unknown[] = error instanceof ReynsErrors ? error.errors : [error];
  return errors.some((one) => hasCode(one, "START_FAILED") || hasCode(one, "NOT_READY"));
}

/** Keeps what the container is that a start replaces, and remembers if the start fails, or takes back one that has. */
export async function withFormerVersion<Result>(
  step: StartInstance,
  context: VersionContext,
  start: () => Promise<Result>,
): Promise<Result> {
  const former = await keepFormerVersion(step, context);
  const instance = instanceOf(step);
  const left = await findUnready(step, context);
  try {
    const result = await start();
    if (left !== undefined) recordFailedImage(instance, left, context);
    return result;
  } catch (error) {
    // An earlier version that fails says nothing about a newer image.
    const isNewer = step.predecessor !== undefined && step.restores === undefined;
    if (!former || !isNewer || !isOfImage(error)) throw error;
    // The failure of the start is what counts.
    const find = (): ReturnType<typeof findImage> => findImage(context.engine, step.spec.image);
    const image = former.newer ?? (await find().catch(() => undefined))?.id;
    if (image !== undefined) recordFailedImage(instance, image, context, former.version);
    throw error;
  }
}

/** The image of the container that a rollback leaves, where an interruption kept that from becoming a version. */
async function findUnready(
  step: StartInstance,
  { engine, stateFolder: folder }: VersionContext,
): Promise<string | undefined> {
  const id = step.restores === undefined ? undefined : (step.removes ?? step.predecessor);
  const left = id === undefined ? undefined : await inspectContainer(engine, id);
  const version = Number(left?.labels[labels.version]);
  const isRecorded = readVersions(folder, instanceOf(step)).some((one) => one.version === version);
  return isRecorded || Number.isNaN(version) ? undefined : left?.imageId;
}

/** Remembers if the new container of a replacement fails that an earlier call has begun. */
export async function withFailedImage(
  { host, containerId, former }: AwaitInstance,
  context: VersionContext,
  resume: () => Promise<void>,
): Promise<void> {
  const created = former && (await inspectContainer(context.engine, containerId));
  await resume().catch((error: unknown) => {
    if (created && isOfImage(error)) {
      const { [labels.project]: project = "", [labels.folder]: origin = "" } = created.labels;
      recordFailedImage({ host, project, origin }, created.imageId, context);
    }
    throw error;
  });
}

/** Records the version that serves now, and forgets those that are too old. */
export async function recordVersion(step: StartInstance, context: VersionContext): Promise<void> {
  const next = await nextVersion(step, context);
  if (!next) return;
  const { stateFolder: folder } = context;
  const startedAt = new Date().toISOString();
  const { restores, versions } = step;
  const instance = instanceOf(step);
  const recorded = readVersions(folder, instance);
  const image = await nameAtStart(step, next.version, { ...context, recorded });
  const parts = await recordedParts(step, context);
  const all = [...recorded, { ...next, startedAt, restores, ...image, ...parts }];
  const kept = all.slice(-versions);
  updateVersions(folder, instance, () => kept);
  await forgetImages(all.slice(0, -versions), kept, context.engine);
}

async function recordedParts(
  step: StartInstance,
  { keysFolder }: VersionContext,
): Promise<Pick<InstanceVersion, "secrets" | "start">> {
  const { copiedFiles } = step.spec;
  const files = copiedFiles && { copiedFiles: await sealFiles(copiedFiles, keysFolder) };
  const spec = { ...step.spec, ...files, secrets: {} };
  return { secrets: Object.keys(step.spec.secrets), start: { ...step, spec } };
}

async function forgetImages(
  gone: readonly InstanceVersion[],
  kept: readonly InstanceVersion[],
  engine: Engine,
): Promise<void> {
  const names = new Set(kept.flatMap(({ keptAs }) => keptAs ?? []));
  for (const { keptAs } of gone)
    if (keptAs !== undefined && !names.has(keptAs)) await untagImage(engine, keptAs);
}

/** Forgets the versions of an instance that is gone, and the names that kept their images. */
export async function forgetVersions(
  host: string,
  { name, origin }: ProjectIdentity,
  { engine, stateFolder: folder }: VersionContext,
): Promise<void> {
  const instance = { host, project: name, origin };
  const gone = readVersions(folder, instance);
  if (gone.length > 0) await forgetImages(gone, [], engine);
  removeVersions(folder, instance);
}
