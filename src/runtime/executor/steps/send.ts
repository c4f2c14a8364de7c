import { tmpdir } from "node:os";
import { ReynsError } from "../../../errors.ts";
import type { SendImage } from "../../../model/build-image.ts";
import { diskFullHint } from "../../disk-full.ts";
import type { RuntimeContext } from "../../context.ts";

/** Sends an image from the Engine of one node to that of another, through this machine. */
export async function sendStep(
  step: SendImage,
  { delivery, emit, signal }: RuntimeContext,
): Promise<string> {
  if (!delivery) throw new Error(`nothing brings images from ${step.from}`);
  try {
    const { send } = await delivery();
    return await send(step, {
      onNote: (note) => emit({ kind: "progress", step, note }),
      onWarning: (message) => emit({ kind: "warning", message }),
    });
  } catch (cause) {
    if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted", { cause });
    const { image, from, node } = step;
    const what = `cannot send the image ${image} from ${from} to ${node}`;
    if ((cause as NodeJS.ErrnoException).code === "ENOSPC")
      throw new ReynsError("FILE_REFUSED", `${what}: ${tmpdir()} on this machine is full`, {
        hint: "free some space there, or name another folder: TMPDIR=FOLDER",
        cause,
      });
    if (!(cause instanceof ReynsError)) throw cause;
    const hint = diskFullHint(cause.message) ?? cause.hint ?? tryAgain;
    const { code, message, output } = cause;
    throw new ReynsError(code, `${what}: ${message}`, { hint, output, cause });
  }
}

const tryAgain = "run it again: what is missing there is looked up anew, and sent";
