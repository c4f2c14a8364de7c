import type { ProjectIdentity } from "../../model/resource-names.ts";
import type { RemoveData } from "../../model/data-steps.ts";
import type { Engine } from "../../runtime/connect.ts";
import { findHelperImage } from "../../runtime/observe/helper-image.ts";

/**
 * The step that removes the data folder of a copy, as this user or through the Engine.
 *
 * @param otherImage that may have `rm`, where the Engine has no other one
 */
export async function folderRemoval(
  engine: Engine,
  { name, origin }: ProjectIdentity,
  folder: string,
  otherImage = "",
): Promise<RemoveData> {
  return {
    kind: "remove-data",
    id: "data folder",
    after: [],
    title: "data folder",
    reason: "the copy is removed",
    project: { name, origin },
    folders: [folder],
    image: (await findHelperImage(engine, origin)) || otherImage,
  };
}
