import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import digests from "../../../dist/digests.json" with { type: "json" };
import type { BuildSettings } from "../../plan/build-plan.ts";

interface Given {
  readonly cache: boolean;
  readonly rootfs?: string | undefined;
  readonly carriedAgain?: boolean;
}

/** What builds depend on beyond the project: this executable and whoever runs it. */
export function buildSettings({ cache, rootfs, carriedAgain = false }: Given): BuildSettings {
  return {
    cache,
    rootfs,
    carriedAgain,
    assets: digests.images,
    builder: process.platform === "linux" ? builder() : {},
  };
}

function builder(): Record<string, string> {
  const { uid, gid, username } = userInfo();
  return {
    BUILDING_UID: String(uid),
    BUILDING_GID: String(gid),
    BUILDING_USER: username,
    BUILDING_GROUP: groupName(gid) ?? username,
  };
}

/** The name of a group as /etc/group (group(5)) has it. */
function groupName(gid: number): string | undefined {
  if (!existsSync("/etc/group")) return undefined;
  const lines = readFileSync("/etc/group", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  return lines.find(([, , id]) => id === String(gid))?.[0];
}
