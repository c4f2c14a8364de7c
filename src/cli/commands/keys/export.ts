import { basename, resolve } from "node:path";
import { log } from "../../../ui/output/log.ts";
import { print, printJson, writeRaw } from "../../../ui/output/print.ts";
import { formatKeyFile, writeKeyFile } from "../../../runtime/keys/export-file.ts";
import { fingerprintsOf } from "../../../runtime/keys/key-set.ts";
import { ensureKeys, readKeys } from "../../../runtime/keys/store.ts";
import { keysFolder } from "../../../model/resource-names.ts";
import { guessProjectName } from "../../../project/guess-name.ts";
import type { KeysOptions } from "./options.ts";
import { locateProject } from "../../common/context.ts";

/** Exports the keys; makes them first if there are none, so that another machine can be set up before the first run. */
export async function exportKeys(options: KeysOptions): Promise<void> {
  const place = await locateProject();
  const project = (await guessProjectName(place, process.env)) ?? basename(place.folder);
  const folder = keysFolder(place);
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
  log.warn(`it contains secrets: ${risk}. Keep it out of git, and delete it once it is imported`);
  log.info(`on the other machine: reyns keys import ${basename(file)}`);
}

const risk = "they open a login to every instance, and change any name in the DNS";
