import { existsSync } from "node:fs";
import { basename, relative, resolve } from "node:path";
import { needWord } from "../../args/common.ts";
import { log } from "../../../ui/output/log.ts";
import { print, printJson, say } from "../../../ui/output/print.ts";
import { confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { wrapMessage } from "../../../ui/output/wrap.ts";
import { readKeyFile } from "../../../runtime/keys/export-file.ts";
import { secretFiles, type SecretFile } from "../../../runtime/keys/digests.ts";
import { createKeySet, fingerprintsOf, type KeySet } from "../../../runtime/keys/key-set.ts";
import { readKeys, replaceKeys } from "../../../runtime/keys/store.ts";
import { ReynsError, ReynsErrors } from "../../../errors.ts";
import { keysFolder } from "../../../model/resource-names.ts";
import { peekProjectName } from "../../../project/guess-name.ts";
import { withProjectLock } from "../../shared/with-project-lock.ts";
import { suggestReruns, listWithOutdatedKeys } from "./outdated.ts";
import type { KeysOptions } from "./index.ts";
import { locateProject } from "../../shared/context.ts";

/** Reads and checks all of it before anything is changed. */
export async function importKeys({ file: given, force, json }: KeysOptions): Promise<void> {
  const word = needWord(given, "file", "reyns keys import shop-keys.json");
  const source = word === "-" ? "standard input" : word;
  const place = await locateProject();
  if (word === "-" && process.stdin.isTTY) say("reading keys from standard input, to its end …");
  const { keys, project } = await readKeyFile(word === "-" ? word : resolve(word));
  const own = (await peekProjectName(place, process.env)) ?? basename(place.folder);
  if (project !== undefined && project !== own)
    log.warn(`these are keys of the project "${project}", and this is "${own}"`);
  const current = await currentKeys(keysFolder(place));
  const changed = changedFiles(current, keys);
  if (changed.length === 0) {
    if (json) return printJson({ changed, keptIn: null, rerun: [] });
    return say("the project has these keys already; nothing is changed");
  }
  const question = `Replace the project's keys (${changed.join(", ")}) by those of ${source}?`;
  if (current !== "none") await confirmOrCancel({ question, hint: "add force=True", yes: force });
  await replace(keys, changed, json);
}

export async function rotateKeys({ force, json }: KeysOptions): Promise<void> {
  const place = await locateProject();
  const isFirst = !existsSync(keysFolder(place));
  const question =
    "Make new keys for the project? What runs here, and every other machine of it, has to get them.";
  if (!isFirst) await confirmOrCancel({ question, hint: "add force=True", yes: force });
  await replace(createKeySet(), secretFiles, json);
  say(
    wrapMessage(
      "other machines need them, too: reyns keys export, and there reyns keys import FILE",
      2,
    ),
  );
}

/** Unusable ones are there as well, and may be replaced. */
async function currentKeys(folder: string): Promise<KeySet | "none" | "unusable"> {
  if (!existsSync(folder)) return "none";
  try {
    return await readKeys(folder);
  } catch (error) {
    if (error instanceof ReynsError || error instanceof ReynsErrors) return "unusable";
    throw error;
  }
}

function changedFiles(current: KeySet | "none" | "unusable", next: KeySet): readonly SecretFile[] {
  if (typeof current === "string") return secretFiles;
  const [before, after] = [fingerprintsOf(current), fingerprintsOf(next)];
  return secretFiles.filter((name) => before[name] !== after[name]);
}

async function replace(keys: KeySet, changed: readonly SecretFile[], json: boolean): Promise<void> {
  const { folder } = await locateProject();
  // Not while a run reads them.
  const keptIn = await withProjectLock({ folder, wait: undefined }, () =>
    replaceKeys(keysFolder({ folder }), keys),
  );
  const old = await listWithOutdatedKeys();
  if (json) {
    const rerun = old?.map(({ host }) => host) ?? null;
    return printJson({ changed, keptIn: keptIn ?? null, rerun });
  }
  await print(`the project has new keys: ${changed.join(", ")}`);
  if (keptIn !== undefined) {
    const shown = relative(process.cwd(), keptIn);
    say(
      wrapMessage(`the old ones are kept in ${shown}; remove them when nothing runs with them`, 2),
    );
  }
  if (old === undefined)
    say(wrapMessage("no Engine answers here: rerun what was run with the old keys", 2));
  suggestReruns(old ?? []);
}
