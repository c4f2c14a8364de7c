import { smallImage } from "../../test/binary/support/small-image.ts";
import { must, run } from "../../test/engine/support/images-container.ts";
import type { Fault, Outcome } from "./fault.ts";
import { bothSides, type Side } from "./side.ts";

const services = [{ name: "web", image: smallImage, command: "sleep 999" }];

/** Another project's object has a name that the project needs: up and down must not touch it. */
async function createConflict(side: Side, conflict: NameConflict): Promise<Outcome> {
  const first = await side.call("up");
  if (first.status !== 0) throw new Error(first.stderr);
  const name = await conflict.nameOf(side);
  await side.call("down");
  const id = await must("docker", ...conflict.create(name));
  try {
    const { status } = await side.call("up");
    const left = (await side.listOwned()).length;
    await side.call("down");
    const inspected = await run(["docker", "inspect", "--format", "{{.Id}}", name]);
    const isKept = inspected.stdout.trim() === id;
    const description = `status ${status}, leaves ${left} objects behind, that object ${isKept ? "stays" : "IS GONE"}`;
    return { ok: status !== 0 && left === 0 && isKept, description };
  } finally {
    await run(["docker", ...conflict.remove, id]);
  }
}

interface NameConflict {
  nameOf(side: Side): Promise<string>;
  create(name: string): string[];
  readonly remove: readonly string[];
}

export const nameConflicts: readonly Fault[] = [
  bothSides("another project's container has our name", services, (side) =>
    createConflict(side, {
      nameOf: async () => (await side.listRunning())[0] ?? "none",
      create: (name) => ["create", "--name", name, smallImage],
      remove: ["rm", "--force"],
    }),
  ),
  bothSides("another project's network has our name", services, (side) =>
    createConflict(side, {
      nameOf: () => side.networkName(),
      create: (name) => ["network", "create", name],
      remove: ["network", "rm"],
    }),
  ),
];
