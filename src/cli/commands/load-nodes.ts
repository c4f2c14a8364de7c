import { errorWith, ReynsError, ReynsErrors } from "../../errors.ts";
import { nodesOf } from "../../model/nodes.ts";
import type { Project } from "../../model/project.ts";
import type { SavedIndex } from "../../model/saved-project.ts";
import { imagesOnNode } from "../../plan/nodes/images.ts";
import { sendFromHere } from "../../plan/nodes/tested-sends.ts";
import { isSameImage } from "../../plan/receipts/compare.ts";
import { copyVariable } from "../../project/copies.ts";
import { nodeVariable } from "../../project/locate.ts";
import type { Engine, FleetMember } from "../../runtime/connect.ts";
import { findReceiptImage } from "../../runtime/receipts/images.ts";
import { applyPlan } from "../common/apply-plan.ts";
import { connectAll, connectEngine, loadProject, locateProject } from "../common/context.ts";
import { unchanged } from "../common/nodes.ts";
import type { LockedProject } from "../common/with-project-lock.ts";
import { notFoundError } from "./run/node-runs.ts";

/** In place of names: each machine of the conf. */
const everyNode = "all";

/** The machines that get the images, too. */
interface LoadedSendOptions {
  /** As `node=` has them. */
  readonly names: string;
  readonly locked: LockedProject;
}

/**
 * Sends the images of a project that has been loaded into a folder, and into the caller's Engine, to its machines: to each
 * what its instances run, and it has not.
 *
 * @throws ReynsErrors INVALID_VALUE when the conf runs on no nodes, or not on these; NO_ENGINE; each after the note that
 *   the project is loaded
 */
export async function sendToNodes(
  index: SavedIndex,
  folder: string,
  options: LoadedSendOptions,
): Promise<void> {
  try {
    await send(index, folder, options);
  } catch (error) {
    throw withLoadedNote(error, folder);
  }
}

async function send(
  { conf, images }: SavedIndex,
  folder: string,
  { names, locked }: LoadedSendOptions,
): Promise<void> {
  process.env["PROJECT_DIR"] = folder;
  // It is of the project of the working directory; what is loaded is no copy.
  delete process.env[copyVariable];
  if (names === everyNode) delete process.env[nodeVariable];
  const project = await loadProject(conf);
  const nodes = nodesOf(project.conf);
  if (nodes.length === 0) throw noNodesError(project);
  const engine = await connectAll(await locateProject());
  if (!engine.fleet) throw notFoundError(nodes);
  const own = await connectEngine();
  const saved = images.flatMap((image) => image.names);
  const sends = engine.fleet.members.map(async (member) => {
    const lacking = await lackingOn(member, imagesOnNode(member.name, saved, project), own);
    return lacking.map((image) => sendFromHere(member.name, image, "not there yet"));
  });
  await applyPlan((await Promise.all(sends)).flat(), engine, { locked, place: project });
}

/** What fails by then has changed something: the machines are named in files that were loaded before. */
function withLoadedNote(error: unknown, folder: string): unknown {
  const errors = error instanceof ReynsErrors ? error.errors : [error];
  const known = errors.filter((one) => one instanceof ReynsError);
  const [first] = known;
  if (!first || known.length < errors.length || first.code === "INTERRUPTED") return error;
  const message = `the project is loaded in ${folder}; its images are not on all machines of this call`;
  const hint = "load it again once this is mended: what is there is not sent again";
  return new ReynsErrors([
    new ReynsError(first.code, message, { hint }),
    ...known.map((one) => errorWith(one, { hint: one.hint?.replace(unchanged, "") })),
  ]);
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
  const message = `the conf "${conf.name}" runs on no other machine`;
  return new ReynsError("INVALID_VALUE", message, { hint: "leave out node=" });
}
