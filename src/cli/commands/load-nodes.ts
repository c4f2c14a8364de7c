import { ReynsError } from "../../errors.ts";
import { nodesOf } from "../../model/nodes.ts";
import type { Project } from "../../model/project.ts";
import type { SavedIndex } from "../../model/saved-project.ts";
import { imagesOnNode } from "../../plan/nodes/images.ts";
import { sendFromHere } from "../../plan/nodes/tested-sends.ts";
import { isSameImage } from "../../plan/receipts/compare.ts";
import { nodeVariable } from "../../project/locate.ts";
import type { Engine, FleetMember } from "../../runtime/connect.ts";
import { findReceiptImage } from "../../runtime/receipts/images.ts";
import { applyPlan } from "../common/apply-plan.ts";
import { connectAll, connectEngine, loadProject, locateProject } from "../common/context.ts";
import type { LockedProject } from "../common/with-project-lock.ts";

/** In place of names: each machine of the conf. */
const everyNode = "all";

/**
 * Sends the images of a project that has been loaded into a folder, and into the caller's Engine, to its machines: to each
 * what its instances run, and it has not.
 *
 * @param names of nodes, as `node=` has them
 * @throws ReynsError INVALID_VALUE when the conf runs on no nodes, or not on these
 */
export async function sendToNodes(
  { conf, images }: SavedIndex,
  folder: string,
  names: string,
  locked: LockedProject,
): Promise<void> {
  process.env["PROJECT_DIR"] = folder;
  if (names === everyNode) delete process.env[nodeVariable];
  const project = await loadProject(conf);
  if (nodesOf(project.conf).length === 0) throw noNodesError(project);
  const engine = await connectAll(await locateProject());
  const own = await connectEngine();
  const saved = images.flatMap((image) => image.names);
  const sends = (engine.fleet?.members ?? []).map(async (member) => {
    const lacking = await lackingOn(member, imagesOnNode(member.name, saved, project), own);
    return lacking.map((image) => sendFromHere(member.name, image, "not there yet"));
  });
  await applyPlan((await Promise.all(sends)).flat(), engine, { locked, place: project });
}

/** Those of the images that a node has not, or has in another version. */
async function lackingOn(
  { engine }: FleetMember,
  images: readonly string[],
  own: Engine,
): Promise<string[]> {
  const found = await Promise.all(
    images.map(async (name) => {
      const [wanted, there] = await Promise.all([
        findReceiptImage(own, name),
        findReceiptImage(engine, name),
      ]);
      return wanted && !isSameImage(there, wanted) ? [name] : [];
    }),
  );
  return found.flat();
}

function noNodesError({ conf }: Project): ReynsError {
  const message = `the project is loaded here, and its conf "${conf.name}" runs on no other machine`;
  return new ReynsError("INVALID_VALUE", message, { hint: "leave out node=" });
}
