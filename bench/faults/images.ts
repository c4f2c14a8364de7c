import { smallImage } from "../../test/binary/support/small-image.ts";
import type { Fault, Finding } from "./fault.ts";
import { bothSides, type Side } from "./side.ts";

/** Found before anything starts, and nothing left behind. */
async function upInVain(side: Side): Promise<Finding> {
  const { status } = await side.call("up");
  const left = (await side.listOwned()).length;
  const words = `status ${status}; ${left} containers and networks left behind`;
  return { ok: status !== 0 && left === 0, words };
}

const good = { name: "good", image: smallImage, command: "sleep 999" };

export const images: readonly Fault[] = [
  bothSides(
    "an image that no registry gives, of one of two services",
    [good, { name: "bad", image: "reyns-test/no-such-image:1" }],
    upInVain,
  ),
  bothSides(
    "a build that fails, of one of two services",
    [good, { name: "bad", dockerfile: `FROM ${smallImage}\nRUN cat /nothing-there\n` }],
    upInVain,
  ),
  bothSides(
    "a base image that is gone, of one of two services",
    [good, { name: "bad", dockerfile: "FROM reyns-test/no-such-base:1\n" }],
    upInVain,
  ),
];
