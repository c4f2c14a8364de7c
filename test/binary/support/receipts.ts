import { join } from "node:path";
import { must } from "../../engine/support/images-container.ts";

/** Writes the receipt of what runs from a folder; a process of its own reads the definition anew. */
export function writeReceiptOf(folder: string, conf?: string): Promise<string> {
  const program = join(import.meta.dir, "write-receipt.ts");
  return must(process.execPath, program, folder, ...(conf === undefined ? [] : [conf]));
}
