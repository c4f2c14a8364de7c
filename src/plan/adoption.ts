import { ReynsError } from "../errors.ts";
import { summarizeList } from "../lib/summarize-list.ts";
import { toValidName } from "../model/host-names.ts";
import { runningStates, type ComposeContainer, type Observed } from "../model/observed.ts";
import { isUnnamedVolume } from "../model/resource-names.ts";
import type { RemoveInstance } from "../model/steps.ts";
import type { LostData } from "./checks/lost-data.ts";
import type { DescribedStart } from "./describe/described-start.ts";

/** The containers of Docker Compose that do what a plan's instances are to do. */
export function findDoubled(
  starting: readonly DescribedStart[],
  { composeContainers = [] }: Pick<Observed, "composeContainers">,
): ComposeContainer[] {
  const services = new Set(
    starting.flatMap(({ placed: { selected } }) =>
      selected.session === undefined ? [selected.service] : [],
    ),
  );
  return composeContainers.filter(({ service }) => services.has(toValidName(service)));
}

/** Refuses to start the services of a running Compose project a second time. */
export function doubledErrors(doubled: readonly ComposeContainer[]): ReynsError[] {
  const running = doubled.filter(({ state }) => runningStates.has(state));
  if (running.length === 0) return [];
  const names = running.map(({ name }) => name);
  const message = `docker compose has started this folder's services already: ${summarizeList(names, 5)}`;
  const hint =
    "add adopt=true to take them over: they are stopped and replaced, and their volumes stay; or stop them with docker compose down";
  return [new ReynsError("NAME_TAKEN", message, { hint })];
}

/** Removes them, but no volume. Images and networks that are missing come first. */
export function adoptionSteps(
  doubled: readonly ComposeContainer[],
  first: readonly string[],
): RemoveInstance[] {
  return doubled.map(({ id, name }) => ({
    kind: "remove-instance",
    id: `remove ${id}`,
    after: first,
    title: name,
    host: name,
    reason: "taken over from docker compose",
    containerId: id,
    temporaryVolume: undefined,
    keepsVolumes: true,
    deregister: undefined,
  }));
}

/**
 * Volumes that the new containers do not have: those without a name, and those that the definition calls otherwise, as
 * where Compose had another name for the project.
 */
export function leftVolumes(
  doubled: readonly ComposeContainer[],
  starting: readonly DescribedStart[],
): LostData[] {
  return doubled.flatMap(({ name, service, mounts }) => {
    const next = starting
      .filter(({ placed: { selected } }) => selected.service === toValidName(service))
      .flatMap(({ step }) => step.spec.mounts);
    return mounts.flatMap(({ volume, target }) => {
      const there = next.filter((mount) => mount.target === target);
      if (volume === null || there.some(({ source }) => source === volume)) return [];
      const replacement = isUnnamedVolume(volume) ? "a new one" : there[0]?.source;
      return { host: name, target, volume, replacement };
    });
  });
}
