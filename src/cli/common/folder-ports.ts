import { join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { privateFolder } from "../../model/resource-names.ts";
import { isCopy } from "../../model/copy-origin.ts";
import { hasFreePorts, setFreePorts } from "../../project/folder-ports.ts";
import type { ProjectPlace } from "../../project/locate.ts";
import { createPrivateFolder } from "../../runtime/private-folder.ts";
import { log } from "../../ui/output/log.ts";

/**
 * Gives a folder free ports from now on, or the definition's again.
 *
 * @throws ReynsError INVALID_VALUE for fixed ports of a copy
 */
export function saveFolderPorts(place: ProjectPlace, ports: "free" | "fixed"): void {
  if (isCopy(place)) {
    if (ports === "free") return;
    const hint =
      "a copy cannot have the ports of its project: reyns port SERVICE tells those it has";
    throw new ReynsError("INVALID_VALUE", "the ports of a copy are always free ones", { hint });
  }
  const isFree = ports === "free";
  if (hasFreePorts(place.folder) === isFree) return;
  createPrivateFolder(join(place.folder, privateFolder));
  setFreePorts(place.folder, isFree);
  log.info(
    isFree
      ? "this folder has free ports from now on: reyns ps shows them, ports=fixed takes it back"
      : "this folder has the ports of its definition again",
  );
}
