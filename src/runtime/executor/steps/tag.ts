import { tagImage } from "../../../docker/images/images.ts";
import type { TagImage } from "../../../model/steps.ts";
import type { Context } from "../execute.ts";

export async function tagStep(step: TagImage, { engine }: Context): Promise<string> {
  await tagImage(engine, step.image, step.tag);
  return `another name of ${step.image}`;
}
