import { log } from "../../ui/output/log.ts";
import { createOriginRecord, rememberMove, writeOriginRecord } from "../../project/write-origin.ts";
import { resolveOrigin, type ProjectOrigin } from "../../project/origin.ts";

const reported = new Set<string>();

/**
 * Records in `.reyns/project.json` which project a folder is, so that it is still found when the folder moves, and reports
 * a move. A folder without `.reyns`, or without write access, has no record: its path identifies it.
 */
export function recordOrigin(folder: string): void {
  const found = resolveOrigin(folder, process.env);
  const { change, origin, movedFrom } = found;
  if (change === "none" || change === "alias") return;
  const record = createOriginRecord(origin, folder, movedFrom);
  const isWritten = writeOriginRecord(record);
  if (change === "moved") rememberMove(record, process.env);
  // What nobody has used yet has nothing to report.
  if (!isWritten && change !== "moved") return;
  const message = changeMessage(found, folder);
  if (message === undefined || reported.has(message)) return;
  reported.add(message);
  log.warn(message);
}

function changeMessage(
  { change, movedFrom, holder }: ProjectOrigin,
  folder: string,
): string | undefined {
  if (change === "moved")
    return `this project has moved from ${movedFrom[0]} to ${folder}; its instances, volumes and network stay its own`;
  if (change === "damaged")
    return `.reyns/project.json was damaged and has been written anew; the project is identified by its folder, ${folder}`;
  if (holder === undefined) return undefined;
  return `this folder is a project of its own now: the one that was here, or that it was copied from, is in ${holder}`;
}
