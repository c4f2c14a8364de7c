import type { Engine } from "../../docker/client/engine.ts";
import { findImageOnce, inspectFields } from "../../docker/containers/inspect-fields.ts";
import type { ContainerFields } from "../../model/fields.ts";
import type { Step } from "../../model/steps.ts";

/** Host name -> fields of the container that a plan replaces. */
export async function observeReplaced(
  engine: Engine,
  { steps }: { readonly steps: readonly Step[] },
): Promise<Map<string, ContainerFields>> {
  const findOnce = findImageOnce(engine);
  const found = await Promise.all(
    steps.map(async (step): Promise<[string, ContainerFields][]> => {
      const id = step.kind === "start-instance" ? (step.predecessor ?? step.removes) : undefined;
      if (id === undefined) return [];
      const isService = step.kind === "start-instance" && step.spec.swarm !== undefined;
      const fields = isService
        ? await (
            await import("../../docker/services/inspect-fields.ts")
          ).inspectServiceFields(engine, id)
        : await inspectFields(engine, id, findOnce);
      return fields ? [[step.title, fields]] : [];
    }),
  );
  return new Map(found.flat());
}
