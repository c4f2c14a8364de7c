import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { isRecord } from "../../lib/is-record.ts";
import { readUnlinkedJson } from "../../lib/read-regular-file.ts";
import { writeFileAtomic } from "../../lib/write-file-atomic.ts";
import { belongsTo } from "../../model/labels.ts";
import type { InstanceVersion, RecordedInstance } from "../../model/versions.ts";

/** Reads the versions of an instance, oldest first; a missing or damaged record has none. */
export function readVersions(
  privateFolder: string,
  instance: RecordedInstance,
): readonly InstanceVersion[] {
  return readAll(privateFolder, instance.host).filter((version) => isOf(instance, version));
}

function readAll(privateFolder: string, host: string): readonly InstanceVersion[] {
  const value = readUnlinkedJson(fileOf(privateFolder, host));
  return Array.isArray(value) ? value.filter(isVersion) : [];
}

/** Another project of the folder, such as one of its former name, may have an instance of the same name. */
function isOf({ project: name, origin }: RecordedInstance, { start }: InstanceVersion): boolean {
  return belongsTo(start.spec.labels, { name, origin });
}

function isVersion(value: unknown): value is InstanceVersion {
  return (
    isRecord(value) &&
    Number.isSafeInteger(value["version"]) &&
    typeof value["startedAt"] === "string" &&
    Array.isArray(value["secrets"]) &&
    isRecord(value["start"]) &&
    isRecord(value["start"]["spec"]) &&
    isRecord(value["start"]["spec"]["labels"])
  );
}

/** Changes the versions of an instance. A folder that cannot be written keeps the old ones: nothing runs less for it. */
export function updateVersions(
  privateFolder: string,
  instance: RecordedInstance,
  change: (before: readonly InstanceVersion[]) => readonly InstanceVersion[],
): void {
  const { host } = instance;
  const file = fileOf(privateFolder, host);
  const others = readAll(privateFolder, host).filter((version) => !isOf(instance, version));
  const after = [...others, ...change(readVersions(privateFolder, instance))];
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // Its environment is in there.
    writeFileAtomic(file, `${JSON.stringify(after, undefined, 2)}\n`, 0o600);
  } catch {
    // A read-only project folder, or a full disk.
  }
}

/**
 * With the log of the last version that failed. A folder that cannot be written keeps them: another user's call must not
 * fail for it.
 */
export function removeVersions(privateFolder: string, instance: RecordedInstance): void {
  const { host } = instance;
  const isShared = readAll(privateFolder, host).some((version) => !isOf(instance, version));
  if (isShared) updateVersions(privateFolder, instance, () => []);
  const files = isShared ? [] : [fileOf(privateFolder, host)];
  for (const file of [...files, failedLogFile(privateFolder, host)]) {
    try {
      rmSync(file, { force: true });
    } catch {
      // As above.
    }
  }
}

/** Where the log of the version is kept that failed last. */
export function failedLogFile(privateFolder: string, host: string): string {
  return join(privateFolder, "failed", `${host}.log`);
}

function fileOf(privateFolder: string, host: string): string {
  return join(privateFolder, "versions", `${host}.json`);
}
