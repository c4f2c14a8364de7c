import { basename, resolve } from "node:path";
import { log } from "../../../ui/output/log.ts";
import { print, printJson, say, writeRaw } from "../../../ui/output/print.ts";
import { formatKeyFile, writeKeyFile } from "../../../runtime/keys/export-file.ts";
import { fingerprintsOf } from "../../../runtime/keys/key-set.ts";
import { ensureKeys, readKeys } from "../../../runtime/keys/store.ts";
import { keysFolder } from "../../../model/resource-names.ts";
import { peekProjectName } from "../../../project/guess-name.ts";
import type { KeysOptions } from "./index.ts";
import { locateProject } from "../../shared/context.ts";

/** Makes them first where there are none: another machine may be set up before anything runs here. */
export async function exportKeys({ file: given, force, json }: KeysOptions): Promise<void> {
  const place = await locateProject();
  const project = (await peekProjectName(place, process.env)) ?? basename(place.folder);
  const folder = keysFolder(place);
  await ensureKeys(folder);
  const keys = await readKeys(folder);
  const text = formatKeyFile({ keys, project });
  if (given === "-") {
    writeRaw(1, text);
    return log.warn(`these are secrets: ${whoHasThem}`);
  }
  const file = resolve(given ?? `${project}-keys.json`);
  await writeKeyFile(file, text, force);
  if (json) await printJson({ file, project, fingerprints: fingerprintsOf(keys) });
  else await print(`${file} is written`);
  log.warn(
    `it holds secrets: ${whoHasThem}. Keep it out of git, and remove it when it has arrived`,
  );
  say(`on the other machine: reyns keys import ${basename(file)}`);
}

const whoHasThem = "who has them can log in to every instance, and change every name in the DNS";
