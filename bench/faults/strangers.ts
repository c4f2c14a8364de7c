import { smallImage } from "../../test/binary/support/small-image.ts";
import { must, run } from "../../test/engine/support/images-container.ts";
import type { Fault, Finding } from "./fault.ts";
import { bothSides, type Side } from "./side.ts";

const services = [{ name: "web", image: smallImage, command: "sleep 999" }];

/** Somebody else's thing under a name that the project needs: up and down leave it as it is. */
async function meet(side: Side, stranger: Stranger): Promise<Finding> {
  const first = await side.call("up");
  if (first.status !== 0) throw new Error(first.stderr);
  const name = await stranger.nameOf(side);
  await side.call("down");
  const id = await must("docker", ...stranger.make(name));
  try {
    const { status } = await side.call("up");
    const left = (await side.listOwned()).length;
    await side.call("down");
    const inspected = await run(["docker", "inspect", "--format", "{{.Id}}", name]);
    const stays = inspected.stdout.trim() === id;
    const words = `status ${status}; ${left} left behind; what is there ${stays ? "stays" : "IS GONE"}`;
    return { ok: status !== 0 && left === 0 && stays, words };
  } finally {
    await run(["docker", ...stranger.remove, id]);
  }
}

interface Stranger {
  nameOf(side: Side): Promise<string>;
  make(name: string): string[];
  readonly remove: readonly string[];
}

export const strangers: readonly Fault[] = [
  bothSides("a stranger's container has our name", services, (side) =>
    meet(side, {
      nameOf: async () => (await side.listRunning())[0] ?? "none",
      make: (name) => ["create", "--name", name, smallImage],
      remove: ["rm", "--force"],
    }),
  ),
  bothSides("a stranger's network has our name", services, (side) =>
    meet(side, {
      nameOf: () => side.networkName(),
      make: (name) => ["network", "create", name],
      remove: ["network", "rm"],
    }),
  ),
];
