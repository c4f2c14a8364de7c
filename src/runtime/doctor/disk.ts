import { accessSync, constants, existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { engineInfo } from "../../docker/system.ts";
import type { Engine } from "../connect.ts";
import { bad, ok, warning, type Finding } from "./finding.ts";
import { withTimeout } from "./timeout.ts";

const megabyte = 1024 * 1024;
/** Bytes: an image or two fit below the first, not a day's work below the second. */
const limits = { bad: 200 * megabyte, warning: 2048 * megabyte };
/** Part of the inodes. */
const inodeLimits = { bad: 0.01, warning: 0.05 };

/** The disk on which an Engine of this machine keeps images and containers. */
export async function checkEngineDisk(engine: Engine): Promise<Finding[]> {
  if (!engine.local) return [];
  const { rootFolder } = await withTimeout(engine, engineInfo(engine));
  return [await checkDisk("the Engine's images", rootFolder)];
}

/** Space and inodes where something is kept, or would be made. */
export async function checkDisk(what: string, folder: string): Promise<Finding> {
  const path = nearestExisting(folder);
  const name = `${what} in ${folder}`;
  try {
    const { bsize, bavail, files, ffree } = await statfs(path);
    const free = bsize * bavail;
    // File systems without a fixed number of inodes say 0.
    const inodes = files === 0 ? 1 : ffree / files;
    const message = `${name}: ${formatSize(free)} and ${Math.floor(inodes * 100)} % of its inodes free`;
    const mend = `make room, or move it to another disk${what === "persistent data" ? ": DATA_DIR" : ""}`;
    if (free < limits.bad || inodes < inodeLimits.bad)
      return bad("disk", message, { remedy: mend });
    if (free < limits.warning || inodes < inodeLimits.warning)
      return warning("disk", message, { remedy: mend });
    return what === "persistent data" && !isWritable(path)
      ? bad("disk", `${name}: this user may not write to ${path}`, { remedy: "set DATA_DIR" })
      : ok("disk", message);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return warning("disk", `${name} cannot be looked at: ${code || String(error)}`);
  }
}

/** The folder itself, or the one in which it would be made. */
function nearestExisting(folder: string): string {
  return existsSync(folder) || folder === dirname(folder)
    ? folder
    : nearestExisting(dirname(folder));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** "512 MB", "34 GB" */
function formatSize(bytes: number): string {
  const megabytes = Math.floor(bytes / megabyte);
  return megabytes < 1024 ? `${megabytes} MB` : `${Math.floor(megabytes / 1024)} GB`;
}
