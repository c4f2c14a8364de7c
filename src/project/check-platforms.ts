import { inside, ReynsError } from "../errors.ts";
import type { Conf } from "../model/project.ts";

/** The Engine keeps one image for each name, and the Dockerfile of a service folder says what it is built for. */
export function checkPlatforms({ instances }: Conf): ReynsError[] {
  return instances.flatMap(({ service, image, imageOf, build, runtime, at }) => {
    const { platform } = runtime ?? {};
    if (platform === undefined) return [];
    const refuse = (message: string, hint: string): ReynsError[] => [
      new ReynsError("INVALID_PROJECT", message, { hint, at: inside(at, "platform") }),
    ];
    if (!image && !imageOf && !build) {
      const hint = `write FROM --platform=${platform} IMAGE in the Dockerfile of services/${service}`;
      return refuse("platform needs image or build", hint);
    }
    const other = instances.find(
      (one) =>
        one.image === image &&
        (image !== undefined || one.service === service) &&
        one.runtime?.platform !== platform,
    );
    if (!other) return [];
    const message = `${image ?? service} is also used for ${other.runtime?.platform ?? "the Engine's own platform"}`;
    return refuse(message, "the Engine keeps one image for each name: give all the same platform");
  });
}
