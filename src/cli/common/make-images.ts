import type { Step } from "../../model/steps.ts";
import type { Observed } from "../../model/observed.ts";
import type { Project } from "../../model/project.ts";
import { sendsTo, type isSameImage } from "../../plan/nodes/images.ts";
import { stepsOnNode } from "../../plan/nodes/on-node.ts";
import { imagesOf, tagged } from "../../plan/resolve/images.ts";
import type { Engine } from "../../runtime/connect.ts";
import { observe } from "../../runtime/observe/observe.ts";
import { applyPlan } from "./apply-plan.ts";
import { requireBuilder } from "./builder.ts";
import { withEngineNotice } from "./context.ts";
import type { LockedProject } from "./with-project-lock.ts";

interface ImagesToMake {
  readonly engine: Engine;
  readonly project: Project;
  readonly locked: LockedProject;
  readonly verbose: boolean;
  /** Plans what makes them on an Engine. */
  readonly plan: (observed: Observed) => readonly Step[];
  /** Names of the images that a node gets, where there are several. */
  readonly wantedOn: (node: string) => readonly string[];
}

/** Makes images on the Engine; where there are several, on the first one, which then sends them to the others. */
export async function makeImages(making: ImagesToMake): Promise<void> {
  const { engine, project, locked, verbose, plan, wantedOn } = making;
  requireBuilder(engine, "build images");
  const [first, ...others] = engine.fleet?.members ?? [];
  const names = [first, ...others].flatMap((one) => wantedOn(one?.name ?? "").map(tagged));
  const look = (own: Engine): Promise<Observed> =>
    withEngineNotice(observe(own, project, [...imagesOf(project), ...names]));
  const options = { locked, place: project, verbose };
  const observed = await look(first?.engine ?? engine);
  if (!first) return applyPlan(plan(observed), engine, options);
  await applyPlan(stepsOnNode(first.name, plan(observed)), engine, options);
  const parts = await Promise.all(
    [first, ...others].map(async ({ name, engine: own }) => {
      const { images } = await look(own);
      return { node: name, images, wanted: wantedOn(name) };
    }),
  );
  // Bundled images of the same files count as the same elsewhere; what was built just now is to be everywhere.
  const isSame: typeof isSameImage = (own, wanted) => own?.id === wanted.id;
  await applyPlan(sendsTo(parts, { isSame }), engine, options);
}
