import type { LostData } from "../../plan/checks/lost-data.ts";

/** The question before an instance runs without a volume that it has now; undefined where each keeps its volumes. */
export function lostDataQuestion(lostData: readonly LostData[]): string | undefined {
  if (lostData.length === 0) return undefined;
  const lines = lostData.map(({ host, target, volume, replacement }) => {
    const now = replacement === undefined ? "would be gone" : `would become "${replacement}"`;
    return `${host}: the volume "${volume}" at ${target} ${now}`;
  });
  return `${lines.join("\n")}\nThe data stays in the old volume. Go on without it?`;
}
