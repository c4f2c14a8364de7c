import { copyData } from "../../docker/containers/copy-data.ts";
import { listImages } from "../../docker/images/images.ts";
import { listVolumes, removeVolume } from "../../docker/volumes.ts";
import { ReynsError } from "../../errors.ts";
import { labels } from "../../model/labels.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { ProjectIdentity } from "../../model/resource-names.ts";
import type { Engine } from "../connect.ts";
import { actOnAll } from "../instances/act.ts";

/** What is copied, and who may write to it meanwhile. */
export interface DataClone {
  /** The copy that gets it. */
  readonly owner: ProjectIdentity;
  readonly volumes: readonly { readonly from: string; readonly to: string }[];
  /** Entries of a folder of the Engine's host, and the folder below it that they are copied to. */
  readonly folder:
    | { readonly root: string; readonly entries: readonly string[]; readonly to: string }
    | undefined;
  /** Ids of images that may have the programs for it, besides a base image. */
  readonly images: readonly string[];
  /** They are paused, as long as it takes. */
  readonly writers: readonly ObservedInstance[];
}

/** Copies by reference where the file system can do that, which needs neither time nor space. */
const script = `set -e
while [ $# -gt 0 ]; do
  cp -a --reflink=auto "$1" "$2" 2>/dev/null || cp -a "$1" "$2"
  shift 2
done`;

/**
 * Copies volumes and folders with their owners and modes. What was in the volumes is removed first.
 *
 * @throws ReynsError FILE_REFUSED
 */
export async function cloneData(engine: Engine, clone: DataClone): Promise<void> {
  for (const { to } of clone.volumes) await removeVolume(engine, to);
  const request = await describeCopy(engine, clone);
  if (request.words.length === 0) return;
  const images = await findImages(engine, clone.images);
  await actOnAll(engine, clone.writers, { kind: "pause" });
  try {
    for (const image of images) if (await copyWith(engine, { ...request, image })) return;
  } finally {
    await actOnAll(engine, clone.writers, { kind: "unpause" });
  }
  throw new ReynsError("FILE_REFUSED", "cannot copy the data: no image here has sh and cp", {
    hint: "build the base images: reyns init",
  });
}

type CopyRequest = Omit<Parameters<typeof copyData>[1], "image">;

async function describeCopy(
  engine: Engine,
  { owner, volumes, folder }: DataClone,
): Promise<CopyRequest> {
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
    labels: own,
  };
}

/** @returns false where the image has no shell */
async function copyWith(engine: Engine, request: Parameters<typeof copyData>[1]): Promise<boolean> {
  const isDone = await copyData(engine, request).catch((error: unknown) => {
    if (error instanceof ReynsError && error.code === "ENGINE_REFUSED") return undefined;
    throw error;
  });
  if (isDone !== false) return isDone ?? false;
  const hint = "there may be too little space left: see docker system df";
  throw new ReynsError("FILE_REFUSED", "the data could not be copied", { hint });
}

/** Those that may have a shell: a base image, and what the instances run. */
async function findImages(engine: Engine, others: readonly string[]): Promise<Set<string>> {
  const images = await listImages(engine);
  const base = images.find(({ labels: values }) => values[labels.base] === "true");
  return new Set([...(base ? [base.id] : []), ...others]);
}
