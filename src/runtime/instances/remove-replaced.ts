import { removeContainer } from "../../docker/containers/containers.ts";
import type { ContainerSpec } from "../../model/container-spec.ts";
import { isUnnamedVolume } from "../../model/resource-names.ts";
import type { StartInstance } from "../../model/steps.ts";
import type { RuntimeContext } from "../context.ts";
import { stopWithHooks } from "./hooks.ts";
import { removeCopySource } from "./persistence.ts";

type ReplacingStart = Pick<StartInstance, "host" | "removes" | "formerHooks">;
type RemovalContext = Pick<RuntimeContext, "engine" | "keysFolder" | "emit">;

/**
 * Removes the container whose place a new one takes. It is stopped first, so that its processes can end cleanly: it may
 * be a job that runs. Its unnamed volumes stay where the new one has taken one over.
 */
export async function removeReplaced(
  { host, removes: id = "", formerHooks: hooks }: ReplacingStart,
  { mounts }: Pick<ContainerSpec, "mounts">,
  context: RemovalContext,
): Promise<void> {
  const { engine } = context;
  await stopWithHooks(engine, id, { host, hooks }, context);
  // The container that its labels identify goes last, so that a call that is killed here can be repeated.
  await removeCopySource(engine, id);
  const keepsVolumes = mounts.some(
    ({ type, source }) => type === "volume" && isUnnamedVolume(source),
  );
  await removeContainer(engine, id, { keepsVolumes });
}
