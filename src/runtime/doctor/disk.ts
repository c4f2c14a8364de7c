import { accessSync, constants, existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { engineInfo } from "../../docker/system.ts";
import type { Engine } from "../connect.ts";
import { bad, ok, warning, type Finding } from "./finding.ts";
import { withTimeout } from "./timeout.ts";

const megabyte = 1024 * 1024;
/** Free bytes: the first is enough for an image or two, the second hardly for a day's work. */
const minBytes = { bad: 200 * megabyte, warning: 2048 * megabyte };
/** Free part of the inodes. */
const minInodes = { bad: 0.01, warning: 0.05 };

/** Checks the disk with the images and containers of an Engine on this machine. */
export async function checkEngineDisk(engine: Engine): Promise<Finding[]> {
  if (!engine.local) return [];
  const { rootFolder } = await withTimeout(engine, engineInfo(engine));
  return [await checkDisk("the Engine's images", rootFolder)];
}

/**
 * Checks the free space and inodes of a folder that exists or is to be created.
 *
 * @param content what is stored there
 */
export async function checkDisk(
  content: "the Engine's images" | "persistent data",
  folder: string,
): Promise<Finding> {
  const path = nearestExisting(folder);
  const name = `${content} in ${folder}`;
  const isData = content === "persistent data";
  try {
    const { bytes, inodes } = await readFree(path);
    const message = `${name}: ${formatSize(bytes)} and ${Math.floor(inodes * 100)} % of its inodes free`;
    const remedy = `free some space, or move it to another disk${isData ? " with DATA_DIR" : ""}`;
    if (bytes < minBytes.bad || inodes < minInodes.bad) return bad("disk", message, { remedy });
    if (bytes < minBytes.warning || inodes < minInodes.warning)
      return warning("disk", message, { remedy });
    if (!isData || isWritable(path)) return ok("disk", message);
    return bad("disk", `${name}: this user may not write to ${path}`, {
      remedy: "set DATA_DIR to a folder that this user may write to",
    });
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return warning("disk", `${name}: cannot be checked: ${code || String(error)}`);
  }
}

async function readFree(path: string): Promise<{ bytes: number; inodes: number }> {
  const { bsize, bavail, files, ffree } = await statfs(path);
  // File systems without a fixed number of inodes report 0.
  return { bytes: bsize * bavail, inodes: files === 0 ? 1 : ffree / files };
}

/** The folder itself, or the nearest one above it that exists. */
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
