import type { Step } from "../../../model/steps.ts";
import { findMixedStores } from "../../../runtime/nodes/image-stores.ts";
import type { NodeRun } from "./node-run.ts";

/** Warns where images are sent between stores of two kinds: they would be sent at each run. Asks only where any is sent. */
export async function mixedStoresWarnings(
  steps: readonly Step[],
  runs: readonly NodeRun[],
): Promise<string[]> {
  const sends = steps.filter((step) => step.kind === "send-image");
  // What comes from the caller's Engine is compared by its content.
  const between = sends.filter(({ from }) => from !== undefined);
  const names = new Set(between.flatMap(({ from, node }) => [from, node]));
  const engines = runs
    .filter(({ node }) => names.has(node.name))
    .map(({ node: { name }, engine }) => ({ name, engine }));
  const mixed = await findMixedStores(engines);
  if (!mixed) return [];
  const kinds = `${mixed.containerd.join(", ")} (containerd's) and ${mixed.others.join(", ")}`;
  return [
    `the image stores of ${kinds} are of two kinds, in which an image has two ids: each run sends images again, and may replace what runs them; to use one kind on all machines, set {"features": {"containerd-snapshotter": true}}, or false, in /etc/docker/daemon.json and restart Docker there`,
  ];
}
