import { join } from "node:path";
import { run } from "../../engine/support/images-container.ts";

/** Writes the receipt of what runs from a folder; a process of its own reads the definition anew. */
export async function writeReceiptOf(folder: string, conf = "", copy = ""): Promise<string> {
  const program = join(import.meta.dir, "write-receipt.ts");
  const words = ["env", `REYNS_COPY=${copy}`, process.execPath, program, folder, conf];
  const { status, stdout, stderr } = await run(words);
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}
