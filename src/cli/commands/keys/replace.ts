import { existsSync } from "node:fs";
import { basename, relative, resolve } from "node:path";
import { requireArgument } from "../../args/common.ts";
import { log } from "../../../ui/output/log.ts";
import { print, printJson } from "../../../ui/output/print.ts";
import { confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { readKeyFile } from "../../../runtime/keys/export-file.ts";
import { secretFiles, type SecretFile } from "../../../runtime/keys/digests.ts";
import { createKeySet, fingerprintsOf, type KeySet } from "../../../runtime/keys/key-set.ts";
import { readKeys, replaceKeys } from "../../../runtime/keys/store.ts";
import { ReynsError, ReynsErrors } from "../../../errors.ts";
import { keysFolder } from "../../../model/resource-names.ts";
import { mainCopy } from "../../../model/copy-origin.ts";
import { asCopy } from "../../../project/copies.ts";
import { guessProjectName } from "../../../project/guess-name.ts";
import { withProjectLock } from "../../common/with-project-lock.ts";
import { listWithOutdatedKeys, suggestReruns } from "./outdated.ts";
import type { KeysOptions } from "./options.ts";
import { locateProject } from "../../common/context.ts";

/** Imports keys; reads and checks the whole file before it changes anything. */
export async function importKeys(options: KeysOptions): Promise<void> {
  const file = requireArgument(options.file, "file", "reyns keys import shop-keys.json");
  const isStdin = file === "-";
  const place = await locateProject();
  if (isStdin && process.stdin.isTTY)
    log.info("reading keys from standard input; end it with Ctrl-D …");
  const { keys, project: keysProject } = await readKeyFile(isStdin ? file : resolve(file));
  const project = (await guessProjectName(place, process.env)) ?? basename(place.folder);
  if (keysProject !== undefined && keysProject !== project)
    log.warn(`these are keys of the project "${keysProject}"; this project is "${project}"`);
  const current = await currentKeys(keysFolder(place));
  const changed = changedFiles(current, keys);
  if (changed.length === 0) {
    if (options.json) return printJson({ changed, keptIn: null, rerun: [] });
    return log.info("the project has these keys already; nothing is changed");
  }
  const source = isStdin ? "standard input" : file;
  if (current !== "none")
    await confirmOrCancel({
      question: `Replace the project's keys (${changed.join(", ")}) with those from ${source}?`,
      hint: "add yes=true",
      yes: options.force,
    });
  await replace(keys, changed, options.json);
}

export async function rotateKeys({ force, json }: KeysOptions): Promise<void> {
  const place = await locateProject();
  if (existsSync(keysFolder(place)))
    await confirmOrCancel({
      question:
        "Make new keys for the project? Then rerun its instances, and import the keys on its other machines.",
      hint: "add yes=true",
      yes: force,
    });
  await replace(createKeySet(), secretFiles, json);
  log.info("other machines need them, too: reyns keys export here, reyns keys import FILE there");
}

/** Reads the current keys; unusable ones count as keys, and can be replaced. */
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
  const place = await locateProject();
  // Locked, so that no run of the project reads the keys at the same time; copies have locks of their own.
  const keptIn = await withProjectLock({ place: asCopy(place, mainCopy) }, () =>
    replaceKeys(keysFolder(place), keys),
  );
  const outdated = await listWithOutdatedKeys();
  if (json) {
    const rerun = outdated?.map(({ host }) => host) ?? null;
    return printJson({ changed, keptIn: keptIn ?? null, rerun });
  }
  print(`the project has new keys: ${changed.join(", ")}`);
  if (keptIn !== undefined) {
    const shown = relative(process.cwd(), keptIn);
    log.info(`the old ones are kept in ${shown}; delete them once no instance uses them`);
  }
  if (outdated === undefined)
    log.info("no Engine answers here: rerun the instances that use the old keys");
  suggestReruns(outdated ?? []);
}
