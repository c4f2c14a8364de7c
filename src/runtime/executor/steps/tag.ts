import { tagImage } from "../../../docker/images/images.ts";
import type { TagImage } from "../../../model/steps.ts";
import type { RuntimeContext } from "../../context.ts";

export async function tagStep(step: TagImage, { engine }: RuntimeContext): Promise<string> {
  await tagImage(engine, step.image, step.tag);
  return `another name of ${step.image}`;
}
