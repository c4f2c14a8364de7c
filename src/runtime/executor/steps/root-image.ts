import { createReadStream } from "node:fs";
import { importImage } from "../../../docker/images/images.ts";
import { pullImage } from "../../../docker/images/transfer-image.ts";
import { ReynsError } from "../../../errors.ts";
import type { RootImage } from "../../../model/steps.ts";
import { bootstrapRootImage } from "../../build/bootstrap-root-image.ts";
import type { RuntimeContext } from "../../context.ts";

/** Takes the given tar, else the image of a registry, else one made here with mmdebstrap or debootstrap. */
export async function rootImageStep(step: RootImage, context: RuntimeContext): Promise<string> {
  const importTar = (file: string): Promise<void> =>
    importImage(context.engine, createReadStream(file), step.image);
  if (step.rootfs !== undefined) {
    await importTar(step.rootfs);
    return `from ${step.rootfs}`;
  }
  const pullError = await pull(step, context);
  if (!pullError) return "from the registry";
  const onProgress = (note: string): void => context.emit({ kind: "progress", step, note });
  const { image } = step;
  const { signal } = context;
  const tool = await bootstrapRootImage({ image, signal, onProgress, importTar, pullError });
  return `made here with ${tool}`;
}

/** @returns why no registry has it */
async function pull(
  step: RootImage,
  { engine, emit, signal }: RuntimeContext,
): Promise<ReynsError | undefined> {
  const onProgress = (note: string): void => emit({ kind: "progress", step, note });
  onProgress("asking the registry");
  try {
    await pullImage(engine, step.image, signal, onProgress);
    return undefined;
  } catch (error) {
    if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted");
    if (error instanceof ReynsError && error.code !== "NO_ENGINE") return error;
    throw error;
  }
}
