import { smallImage } from "../../test/binary/support/small-image.ts";
import type { Fault, Outcome } from "./fault.ts";
import { bothSides, type Side } from "./side.ts";

/** Expects the problem to be detected before anything starts, and nothing to be left behind. */
async function expectFailure(side: Side): Promise<Outcome> {
  const { status } = await side.call("up");
  const left = (await side.listOwned()).length;
  const description = `status ${status}; ${left} containers and networks left behind`;
  return { ok: status !== 0 && left === 0, description };
}

const good = { name: "good", image: smallImage, command: "sleep 999" };

export const images: readonly Fault[] = [
  bothSides(
    "no registry has the image of one of two services",
    [good, { name: "bad", image: "reyns-test/no-such-image:1" }],
    expectFailure,
  ),
  bothSides(
    "the build of one of two services fails",
    [good, { name: "bad", dockerfile: `FROM ${smallImage}\nRUN cat /nothing-there\n` }],
    expectFailure,
  ),
  bothSides(
    "the base image of one of two services is gone",
    [good, { name: "bad", dockerfile: "FROM reyns-test/no-such-base:1\n" }],
    expectFailure,
  ),
];
