import { ReynsError } from "../../../errors.ts";
import type { Step } from "../../../model/steps.ts";

/**
 * Makes sure that a plan builds nothing.
 *
 * @throws ReynsError ENGINE_REFUSED with the images that are missing, and how to build them
 */
export function requireBuilt(steps: readonly Step[]): void {
  const builds = steps.flatMap((step) =>
    step.kind === "build-image" && step.isFiles !== true ? [step] : [],
  );
  const missing = [...builds, ...steps.filter(({ kind }) => kind === "root-image")];
  if (missing.length === 0) return;
  const names = builds
    .filter(({ context }) => !("bundled" in context))
    .map(({ title }) => title.slice(title.indexOf("/") + 1));
  const calls = [
    ...(names.length > 0 ? [`reyns build ${names.join(" ")}`] : []),
    ...(names.length < missing.length ? ["reyns init"] : []),
  ];
  const images = missing.map(({ title }) => title).join(", ");
  throw new ReynsError("ENGINE_REFUSED", `not on this Engine, and build is false: ${images}`, {
    hint: `build first: ${calls.join("; ")}`,
  });
}
