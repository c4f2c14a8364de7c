import { chmod, stat } from "node:fs/promises";
import { join } from "node:path";
import { ReynsError, ReynsErrors } from "../../errors.ts";
import { fileModeText } from "../../lib/file-mode.ts";
import { shellQuote } from "../../lib/shell-quote.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import { findLostKeys } from "../../model/problems.ts";
import { keysFolder } from "../../model/resource-names.ts";
import { inspectKeyFiles, type KeyFile } from "../keys/inspect.ts";
import { hasKeys, readKeys } from "../keys/store.ts";
import { bad, ok, warning, type Finding } from "./finding.ts";

/**
 * Checks whether the project's keys are complete and accessible to this user only.
 *
 * @param listInstances what has been started in this folder; asked only when there are no keys
 */
export async function checkKeys(
  place: { readonly folder: string },
  listInstances: () => Promise<readonly ObservedInstance[]>,
): Promise<Finding[]> {
  const folder = keysFolder(place);
  if (!hasKeys(folder)) {
    const lost = findLostKeys(await listInstances());
    if (lost) return [bad("keys", lost.message, { remedy: lost.remedy })];
    return [ok("keys", "none yet: the first run creates them")];
  }
  const problems = (await inspectKeyFiles(folder)).flatMap((file) => toFindings(file, folder));
  if (problems.length > 0) return problems;
  try {
    await readKeys(folder);
    return [ok("keys", `in ${folder}, accessible to this user only`)];
  } catch (error) {
    if (!(error instanceof ReynsError) && !(error instanceof ReynsErrors)) throw error;
    const errors = error instanceof ReynsErrors ? error.errors : [error];
    const remedy =
      "copy those of another node (reyns keys import FILE), or create new ones (reyns keys rotate)";
    return errors.map(({ message }) => bad("keys", `${message} (in ${folder})`, { remedy }));
  }
}

/** Only the first problem of a file: the second may disappear with it. */
function toFindings({ name, mode, problems }: KeyFile, folder: string): Finding[] {
  const path = join(folder, name);
  const isOpen = (mode & 0o077) !== 0;
  return problems.slice(0, 1).map(({ message, remedy }) =>
    bad("keys", message, {
      remedy,
      ...(isOpen && { fix: () => restrictAccess(path, mode) }),
    }),
  );
}

async function restrictAccess(path: string, mode: number): Promise<string> {
  await chmod(path, mode & 0o700);
  return `chmod go= ${shellQuote(path)}`;
}

/** host.conf may contain passwords. */
export async function checkHostConf({ folder }: { readonly folder: string }): Promise<Finding[]> {
  const path = join(folder, "host.conf");
  const stats = await stat(path).catch(() => undefined);
  const mode = (stats?.mode ?? 0) & 0o777;
  if ((mode & 0o077) === 0) return [];
  const message = `other users may access ${path} (mode ${fileModeText(mode)}), which may contain passwords`;
  const remedy = `chmod go= ${shellQuote(path)}`;
  return [warning("host.conf", message, { remedy, fix: () => restrictAccess(path, mode) })];
}
