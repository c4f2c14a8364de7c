import { basename, resolve } from "node:path";
import { ReynsError } from "../../../errors.ts";
import { findLostKeys } from "../../../model/problems.ts";
import { log } from "../../../ui/output/log.ts";
import { print, printJson, writeRaw } from "../../../ui/output/print.ts";
import { formatKeyFile, writeKeyFile } from "../../../runtime/keys/export-file.ts";
import { fingerprintsOf } from "../../../runtime/keys/key-set.ts";
import { ensureKeys, hasKeys, readKeys } from "../../../runtime/keys/store.ts";
import { keysFolder } from "../../../model/resource-names.ts";
import { addToGitIgnore } from "../../../project/git-ignore.ts";
import { guessProjectName } from "../../../project/guess-name.ts";
import { listWithKeys } from "./outdated.ts";
import type { KeysOptions } from "./options.ts";
import { locateProject } from "../../common/context.ts";

/** Exports the keys; makes them first if there are none, so that another machine can be set up before the first run. */
export async function exportKeys(options: KeysOptions): Promise<void> {
  const place = await locateProject();
  const project = (await guessProjectName(place, process.env)) ?? basename(place.folder);
  const folder = keysFolder(place);
  if (!hasKeys(folder)) await rejectLostKeys();
  await ensureKeys(folder);
  const keys = await readKeys(folder);
  const text = formatKeyFile({ keys, project });
  if (options.file === "-") {
    writeRaw(1, text);
    return log.warn(`these are secrets: ${risk}`);
  }
  const file = resolve(options.file ?? `${project}-keys.json`);
  await writeKeyFile(file, text, options.force);
  if (options.json) printJson({ file, project, fingerprints: fingerprintsOf(keys) });
  else print(`${file} is written`);
  const ignored = addToGitIgnore(place.folder, [file]);
  if (ignored.length > 0) log.info(`added to .gitignore: ${ignored.join(", ")}`);
  log.warn(`it contains secrets: ${risk}. Keep it out of git, and delete it once it is imported`);
  log.info(`on the other machine: reyns keys import ${basename(file)}`);
}

/** @throws ReynsError KEYS_UNUSABLE when instances have keys that are gone here: new ones would not be theirs */
async function rejectLostKeys(): Promise<void> {
  const lost = findLostKeys((await listWithKeys()) ?? []);
  if (!lost) return;
  throw new ReynsError("KEYS_UNUSABLE", `${lost.message}; nothing was exported`, {
    hint: lost.remedy,
  });
}

const risk = "they open a login to every instance, and change any name in the DNS";
