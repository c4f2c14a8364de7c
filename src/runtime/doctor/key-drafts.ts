import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { shellQuote } from "../../lib/shell-quote.ts";
import { warning, type Finding } from "./finding.ts";
import { staleAfterSeconds } from "./leftovers.ts";

/**
 * Finds keys that were being created when a call was killed: folders beside the real one.
 *
 * @param now seconds since 1970
 */
export async function checkKeyDrafts(
  { folder }: { readonly folder: string },
  now: number,
): Promise<Finding[]> {
  const parent = join(folder, ".reyns");
  const names = await readdir(parent).catch(() => []);
  const drafts = names
    .filter((name) => /^keys-([A-Za-z0-9]{6}|next)$/.test(name))
    .map((name) => join(parent, name));
  const findings = await Promise.all(
    drafts.map(async (path) => {
      const ageInSeconds = now - (await stat(path)).mtimeMs / 1000;
      return ageInSeconds > staleAfterSeconds ? [draftFinding(path)] : [];
    }),
  );
  return findings.flat();
}

function draftFinding(path: string): Finding {
  const fix = async (): Promise<string> => {
    await rm(path, { recursive: true, force: true });
    return `${path} removed`;
  };
  const remedy = `rm -r ${shellQuote(path)}`;
  return warning("keys", `${path}: incomplete keys of a call that was killed`, { remedy, fix });
}
