import { copyData, type CopyOutcome } from "../../docker/containers/copy-data.ts";
import { listImages } from "../../docker/images/images.ts";
import { listVolumes, removeVolume } from "../../docker/volumes.ts";
import { hasCode, ReynsError } from "../../errors.ts";
import { labels } from "../../model/labels.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { ProjectIdentity } from "../../model/resource-names.ts";
import type { Engine } from "../connect.ts";
import { cloneRole, removeHelpers } from "./helpers.ts";
import { withPaused } from "./with-paused.ts";

/** What is copied, and who may write to it meanwhile. */
export interface DataClone {
  /** The copy that gets it. */
  readonly owner: ProjectIdentity;
  readonly volumes: readonly VolumeClone[];
  /** Entries of a folder of the Engine's host, and the folder below it that they are copied to. */
  readonly folder:
    | { readonly root: string; readonly entries: readonly string[]; readonly to: string }
    | undefined;
  /** Ids of images that may have the programs for it, besides a base image. */
  readonly images: readonly string[];
  /** They are paused, as long as it takes. */
  readonly writers: readonly ObservedInstance[];
}

export interface VolumeClone {
  readonly from: string;
  readonly to: string;
}

interface CloneControl {
  /** Aborts the copying; the writers go on all the same. */
  readonly signal: AbortSignal;
  /** Called with the ids of the writers that are, or may be, paused from now on. */
  readonly recordPaused: (ids: readonly string[]) => void;
}

/** Copies by reference where the file system can do that, which needs neither time nor space. */
const script = `set -e
while [ $# -gt 0 ]; do
  cp -a --reflink=auto "$1" "$2" 2>/dev/null || cp -a "$1" "$2"
  shift 2
done`;

/**
 * Makes sure that each volume that data is copied to is the copy's own, or not there.
 *
 * @throws ReynsError NAME_TAKEN
 */
export async function checkTargets(
  engine: Engine,
  { owner, volumes }: Pick<DataClone, "owner" | "volumes">,
): Promise<void> {
  const targets = new Set(volumes.map(({ to }) => to));
  const foreign = (await listVolumes(engine)).find(
    ({ name, labels: values }) => targets.has(name) && values[labels.folder] !== owner.origin,
  );
  if (!foreign) return;
  const message = `the volume ${foreign.name} is there already, and does not belong to this copy`;
  const hint = "nothing was copied; give the copy another name";
  throw new ReynsError("NAME_TAKEN", message, { hint });
}

/**
 * Copies volumes and folders with their owners and modes. What was in the copy's volumes is removed first.
 *
 * @throws ReynsError NAME_TAKEN, VOLUME_IN_USE, FILE_REFUSED, INTERRUPTED
 */
export async function cloneData(
  engine: Engine,
  clone: DataClone,
  { signal, recordPaused }: CloneControl,
): Promise<void> {
  await checkTargets(engine, clone);
  await removeHelpers(engine, clone.owner.origin);
  for (const { to } of clone.volumes) await removeTarget(engine, to);
  const request = { ...(await describeCopy(engine, clone)), signal };
  if (request.words.length === 0) return;
  const images = await findImages(engine, clone.images);
  throwIfAborted(signal);
  await withPaused(engine, clone.writers, recordPaused, () => copyWithAny(engine, request, images));
}

async function removeTarget(engine: Engine, name: string): Promise<void> {
  if (await removeVolume(engine, name)) return;
  const hint = `see who: docker ps -a --filter volume=${name}`;
  throw new ReynsError("VOLUME_IN_USE", `a container still uses the volume ${name}`, { hint });
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted; no data was copied");
}

type CopyRequest = Omit<Parameters<typeof copyData>[1], "image">;

async function describeCopy(
  engine: Engine,
  { owner, volumes, folder }: DataClone,
): Promise<Omit<CopyRequest, "signal">> {
  const known = new Map((await listVolumes(engine)).map((volume) => [volume.name, volume.labels]));
  const own = { [labels.project]: owner.name, [labels.folder]: owner.origin };
  const mounts = volumes.flatMap(({ from, to }, index) => [
    { Type: "volume", Source: from, Target: `/from/${index}`, ReadOnly: true } as const,
    {
      Type: "volume",
      Source: to,
      Target: `/to/${index}`,
      // Else the Engine would fill it from the image.
      VolumeOptions: {
        NoCopy: true,
        Labels: { ...known.get(from), ...own },
        DriverConfig: { Name: "local", Options: {} },
      },
    } as const,
  ]);
  const root = folder && { Type: "bind", Source: folder.root, Target: "/data" };
  return {
    mounts: [...mounts, ...(root ? [root as (typeof mounts)[number]] : [])],
    script,
    words: [
      ...volumes.flatMap((_, index) => [`/from/${index}/.`, `/to/${index}`]),
      ...(folder?.entries ?? []).flatMap((entry) => [`/data/${entry}`, `/data/${folder?.to}`]),
    ],
    labels: { ...own, [labels.role]: cloneRole },
  };
}

/** A shell's statuses for a program that is not there, or cannot be run. */
const missingProgram = new Set([126, 127]);

async function copyWithAny(
  engine: Engine,
  request: CopyRequest,
  images: ReadonlySet<string>,
): Promise<void> {
  for (const image of images) {
    const outcome = await copyWith(engine, { ...request, image });
    throwIfAborted(request.signal);
    if (outcome?.status === 0) return;
    if (outcome && !missingProgram.has(outcome.status)) throw copyError(outcome);
  }
  throw new ReynsError("FILE_REFUSED", "cannot copy the data: no image here has sh and cp", {
    hint: "build the base images: reyns init",
  });
}

/** @returns undefined where the image has no shell */
function copyWith(
  engine: Engine,
  request: Parameters<typeof copyData>[1],
): Promise<CopyOutcome | undefined> {
  return copyData(engine, request).catch((error: unknown) => {
    const isRefused = hasCode(error, "ENGINE_REFUSED");
    if (isRefused || request.signal.aborted) return undefined;
    throw error;
  });
}

function copyError({ status, output }: CopyOutcome): ReynsError {
  const reason = output.length === 0 ? `cp ended with status ${status}` : output.join("; ");
  const hint = "see how much space is left: docker system df; then repeat the call";
  return new ReynsError("FILE_REFUSED", `the data could not be copied: ${reason}`, { hint });
}

/** Those that may have a shell: a base image, and what the instances run. */
async function findImages(engine: Engine, others: readonly string[]): Promise<Set<string>> {
  const images = await listImages(engine);
  const base = images.find(({ labels: values }) => values[labels.base] === "true");
  return new Set([...(base ? [base.id] : []), ...others]);
}
