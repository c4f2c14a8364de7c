import { inside, ReynsError } from "../errors.ts";
import type { Conf } from "../model/project.ts";

/** A policy says where an image comes from, so it has to fit the image: a ready one, or one that is built. */
export function checkPullPolicies({ instances }: Conf): ReynsError[] {
  return instances.flatMap(({ service, image, imageOf, pullPolicy, at: place }) => {
    const isReady = image !== undefined && imageOf === undefined;
    const at = inside(place, "pullPolicy");
    if (pullPolicy === "build" && isReady) {
      const hint = 'accepted for a ready image: "always", "missing" or "never"';
      return new ReynsError("INVALID_PROJECT", `${service} is not built`, { hint, at });
    }
    if (pullPolicy !== "always" || isReady) return [];
    const hint = 'accepted for what is built: "build", which builds it at each run, or none';
    return new ReynsError("INVALID_PROJECT", `${service} is built, not pulled`, { hint, at });
  });
}
