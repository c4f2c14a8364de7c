import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import digests from "../../../dist/digests.json" with { type: "json" };
import type { BuildSettings } from "../../plan/build-plan.ts";

type BuildOverrides = Pick<BuildSettings, "cache"> &
  Partial<Pick<BuildSettings, "pull" | "arguments" | "rootfs" | "rebuildBundled" | "keepBundled">>;

/** Returns the settings of builds that the project does not decide: those of this executable and of its user. */
export function buildSettings({
  rebuildBundled = false,
  keepBundled = false,
  rootfs,
  ...given
}: BuildOverrides): BuildSettings {
  return {
    ...given,
    rootfs,
    rebuildBundled,
    keepBundled,
    assets: digests.images,
    builder: process.platform === "linux" ? builderVariables() : {},
  };
}

function builderVariables(): Record<string, string> {
  const { uid, gid, username } = userInfo();
  return {
    BUILDING_UID: String(uid),
    BUILDING_GID: String(gid),
    BUILDING_USER: username,
    BUILDING_GROUP: groupName(gid) ?? username,
  };
}

/** Looks up the name of a group in /etc/group, see group(5). */
function groupName(gid: number): string | undefined {
  if (!existsSync("/etc/group")) return undefined;
  const lines = readFileSync("/etc/group", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  return lines.find(([, , id]) => id === String(gid))?.[0];
}
