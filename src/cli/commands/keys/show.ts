import { log } from "../../../ui/output/log.ts";
import { print, printJson, say } from "../../../ui/output/print.ts";
import { formatAge } from "../../../ui/output/style.ts";
import { formatTable, type Column, type TableRow } from "../../../ui/output/table.ts";
import { secretFiles } from "../../../runtime/keys/digests.ts";
import { fingerprintsOf } from "../../../runtime/keys/key-set.ts";
import { hasKeys, inspectKeyFiles, readKeys, type KeyFile } from "../../../runtime/keys/store.ts";
import { keysFolder } from "../../../model/resource-names.ts";
import { suggestReruns, listWithOutdatedKeys } from "./outdated.ts";
import type { KeysOptions } from "./index.ts";
import { locateProject } from "../../shared/context.ts";

interface Shown extends KeyFile {
  readonly fingerprint: string;
}

const columns: readonly Column[] = [
  { title: "FILE" },
  { title: "FINGERPRINT" },
  { title: "AGE", dropped: true },
  { title: "MODE", dropped: true },
];

function rowOf(key: Shown): TableRow {
  const age = formatAge((Date.now() - key.since.getTime()) / 1000);
  return [key.name, key.fingerprint, age, modeText(key)];
}

export async function showKeys({ json }: KeysOptions): Promise<void> {
  const folder = keysFolder(await locateProject());
  if (!hasKeys(folder)) {
    if (json) return printJson({ folder, keys: [], old: [] });
    return say(
      "no keys yet: the first run makes them, or take those of another machine: reyns keys import FILE",
    );
  }
  // First: what they tell may be why the keys cannot be read.
  const files = await inspectKeyFiles(folder);
  for (const { problems: faults } of files) for (const fault of faults) log.warn(fault);
  const fingerprints = fingerprintsOf(await readKeys(folder));
  const keys = secretFiles.flatMap((name) =>
    files
      .filter((file) => file.name === name)
      .map((file) => ({ ...file, fingerprint: fingerprints[name] })),
  );
  const old = await listWithOutdatedKeys();
  if (json)
    await printJson({ folder, keys: keys.map(keyJson), old: old?.map(({ host }) => host) ?? null });
  else await print(formatTable(columns, keys.map(rowOf)));
  if (!json) suggestReruns(old ?? []);
}

function keyJson(key: Shown): unknown {
  const { name, fingerprint, since, problems: faults } = key;
  return { file: name, fingerprint, since: since.toISOString(), mode: modeText(key), faults };
}

function modeText({ mode }: Shown): string {
  return mode.toString(8).padStart(4, "0");
}
