import { ReynsError, throwAll } from "../../../errors.ts";
import type { Step } from "../../../model/steps.ts";
import type { Engine } from "../../../runtime/connect.ts";

/** Reports external volumes that are not there: the Engine would make empty ones. */
export async function checkExternalVolumes(steps: readonly Step[], engine: Engine): Promise<void> {
  const starts = steps.filter((step) => step.kind === "start-instance");
  const mounts = starts.flatMap(({ spec }) => spec.mounts);
  const external = mounts.filter(({ declared }) => declared?.external).map(({ source }) => source);
  if (external.length === 0) return;
  const { findMissingVolumes } = await import("../../../runtime/observe/volumes.ts");
  const missing = await findMissingVolumes(engine, [...new Set(external)]);
  throwAll(
    missing.map(
      (name) =>
        new ReynsError("INVALID_PROJECT", `there is no volume "${name}", which is external`, {
          hint: `create it with docker volume create ${name}; without external: true, Reyns creates it`,
        }),
    ),
  );
}
