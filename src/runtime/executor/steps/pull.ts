import { pullImage } from "../../../docker/images/images.ts";
import { ReynsError } from "../../../errors.ts";
import type { PullImage } from "../../../model/steps.ts";
import { diskFullHint } from "../../disk-full.ts";
import type { RuntimeContext } from "../../context.ts";

export async function pullStep(
  step: PullImage,
  { engine, emit, signal }: RuntimeContext,
): Promise<undefined> {
  try {
    await pullImage(engine, step.image, signal, (note) => emit({ kind: "progress", step, note }));
  } catch (cause) {
    if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted", { cause });
    if (cause instanceof ReynsError && cause.code === "NO_ENGINE") throw cause;
    const full = diskFullHint(cause instanceof Error ? cause.message : "");
    if (full !== undefined)
      throw new ReynsError("ENGINE_REFUSED", `no room for the image ${step.image}`, {
        hint: full,
        cause,
      });
    throw new ReynsError(
      "ENGINE_REFUSED",
      `the image ${step.image} is not on this Engine, and no registry gave it`,
      {
        hint: `check its name, or bring it here: docker load, docker pull ${step.image}`,
        output: cause instanceof Error ? [cause.message] : [],
        cause,
      },
    );
  }
}
