import { fileModeText } from "../../../lib/file-mode.ts";
import { formatAge } from "../../../ui/output/duration.ts";
import { log } from "../../../ui/output/log.ts";
import { print, printJson } from "../../../ui/output/print.ts";
import { formatTable, type Column, type TableRow } from "../../../ui/output/table.ts";
import { secretFiles } from "../../../runtime/keys/digests.ts";
import { fingerprintsOf } from "../../../runtime/keys/key-set.ts";
import { inspectKeyFiles, type KeyFile, type KeyProblem } from "../../../runtime/keys/inspect.ts";
import { hasKeys, readKeys } from "../../../runtime/keys/store.ts";
import { keysFolder } from "../../../model/resource-names.ts";
import { listWithOutdatedKeys, suggestReruns } from "./outdated.ts";
import type { KeysOptions } from "./options.ts";
import { locateProject } from "../../common/context.ts";

interface ShownKey extends KeyFile {
  readonly fingerprint: string;
}

const columns: readonly Column[] = [
  { title: "FILE" },
  { title: "FINGERPRINT" },
  { title: "AGE", droppable: true },
  { title: "MODE", droppable: true },
];

export async function showKeys({ json }: KeysOptions): Promise<void> {
  const folder = keysFolder(await locateProject());
  if (!hasKeys(folder)) {
    if (json) return printJson({ folder, keys: [], old: [] });
    return log.info(
      "no keys yet: the first run makes them; to use those of another machine: reyns keys import FILE",
    );
  }
  // Problems are reported first: they may explain why the keys cannot be read.
  const files = await inspectKeyFiles(folder);
  for (const problem of files.flatMap(({ problems }) => problems)) log.warn(problemText(problem));
  const fingerprints = fingerprintsOf(await readKeys(folder));
  const keys = secretFiles.flatMap((name) =>
    files
      .filter((file) => file.name === name)
      .map((file) => ({ ...file, fingerprint: fingerprints[name] })),
  );
  const outdated = await listWithOutdatedKeys();
  if (json) {
    const old = outdated?.map(({ host }) => host) ?? null;
    return printJson({ folder, keys: keys.map(keyJson), old });
  }
  print(formatTable(columns, keys.map(keyRow)));
  suggestReruns(outdated ?? []);
}

function keyRow(key: ShownKey): TableRow {
  const age = formatAge((Date.now() - key.since.getTime()) / 1000);
  return [key.name, key.fingerprint, age, fileModeText(key.mode)];
}

function keyJson(key: ShownKey): unknown {
  const { name, fingerprint, since, problems } = key;
  return {
    file: name,
    fingerprint,
    since: since.toISOString(),
    mode: fileModeText(key.mode),
    faults: problems.map(problemText),
  };
}

function problemText({ message, remedy }: KeyProblem): string {
  return `${message}: ${remedy}`;
}
