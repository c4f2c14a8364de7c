import { labels } from "../../model/labels.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { InstanceVersion } from "../../model/versions.ts";

/** A version under `--json`; the names are stable. */
export interface VersionJson {
  readonly version: number;
  /** ISO 8601 */
  readonly startedAt: string;
  readonly image: string;
  /** `git describe` of the project's folder; null outside of a repository. */
  readonly commit: string | null;
  /** The version that a rollback brought back with it; null for others. */
  readonly restores: number | null;
  readonly serves: boolean;
}

/** The versions of an instance, newest first. */
export function versionsToJson(
  versions: readonly InstanceVersion[],
  serving: ObservedInstance,
): VersionJson[] {
  return versions.toReversed().map(({ version, startedAt, start, commit, restores }) => ({
    version,
    startedAt,
    image: start.spec.labels[labels.image] ?? start.spec.image,
    commit: commit ?? null,
    restores: restores ?? null,
    serves: version === serving.version,
  }));
}

/** One of them, for people: "3  2026-11-29T09:00:00Z  shop/web, commit 1a2b3c4d5e6f, serves now". */
export function versionText({
  version,
  startedAt,
  image,
  commit,
  restores,
  serves,
}: VersionJson): string {
  const notes = [
    ...(commit === null ? [] : [`commit ${commit}`]),
    ...(restores === null ? [] : [`back to ${restores}`]),
    ...(serves ? ["serves now"] : []),
  ];
  return [`${version}  ${timeText(startedAt)}  ${image}`, ...notes].join(", ");
}

/** Without fractions of a second. */
export function timeText(time: string): string {
  return `${time.slice(0, 19)}Z`;
}
