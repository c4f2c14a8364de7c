import { tmpdir } from "node:os";
import { ReynsError } from "../../../errors.ts";
import { sourceOf, type SendImage } from "../../../model/build-image.ts";
import { diskFullHint } from "../../disk-full.ts";
import type { RuntimeContext } from "../../context.ts";

/** Sends an image from the Engine of one node to that of another, through this machine. */
export async function sendStep(
  step: SendImage,
  { delivery, emit, signal }: RuntimeContext,
): Promise<string> {
  if (!delivery) throw new Error(`nothing brings images from ${sourceOf(step)}`);
  try {
    const { send } = await delivery();
    return await send(step, {
      onNote: (note) => emit({ kind: "progress", step, note }),
      onWarning: (message) => emit({ kind: "warning", message }),
    });
  } catch (cause) {
    if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted", { cause });
    const { image, node } = step;
    const what = `cannot send the image ${image} from ${sourceOf(step)} to ${node}`;
    if (!(cause instanceof ReynsError)) throw fileError(cause, what) ?? cause;
    const hint = diskFullHint(cause.message) ?? cause.hint ?? tryAgain;
    const { code, message, output } = cause;
    throw new ReynsError(code, `${what}: ${message}`, { hint, output, cause });
  }
}

/** What the file system says of the folder in which the layers lie meanwhile. */
const faults: Readonly<Record<string, string>> = {
  ENOSPC: "is full",
  EDQUOT: "has no quota left",
  EFBIG: "takes no files as large as the layers",
  EACCES: "is not writable",
  EPERM: "is not writable",
  EROFS: "is read-only",
  ENOENT: "does not exist",
  ENOTDIR: "is not a folder",
  EIO: "cannot be read or written",
};

function fileError(cause: unknown, what: string): ReynsError | undefined {
  const { code = "" } = cause as NodeJS.ErrnoException;
  if (code === "EMFILE" || code === "ENFILE")
    return new ReynsError("FILE_REFUSED", `${what}: too many files are open on this machine`, {
      hint: "allow more of them (ulimit -n), or name fewer nodes: node=NAME,NAME",
      cause,
    });
  const fault = faults[code];
  if (fault === undefined) return undefined;
  return new ReynsError("FILE_REFUSED", `${what}: ${tmpdir()} on this machine ${fault}`, {
    hint: "make it writable, free some space there, or name another folder: TMPDIR=FOLDER",
    cause,
  });
}

const tryAgain = "run it again: what is missing there is looked up anew, and sent";
