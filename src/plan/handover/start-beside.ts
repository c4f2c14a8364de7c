import { imageVolumeNameOf } from "../../model/resource-names.ts";
import type { ObservedNetwork } from "../../model/networks.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { StartInstance } from "../../model/steps.ts";
import type { Placed } from "../resolve/placement.ts";
import { withOtherAddresses, type AddressScene } from "./other-addresses.ts";

interface HandoverScene {
  readonly networks: readonly ObservedNetwork[];
  readonly isNetworkReplaced: (existing: ObservedInstance) => boolean;
}

/** An instance whose start a plan describes, and what it does with it. */
interface Described {
  readonly step: StartInstance;
  readonly placed: Pick<Placed, "existing" | "action">;
}

/** Replaces each routed instance in the order that it allows; new containers that start beside one get other addresses. */
export function inOrder<Start extends Described>(
  described: readonly Start[],
  scene: HandoverScene,
): Start[] {
  const planned = new Set(described.flatMap(({ step }) => addressesOf(step)));
  return described.map((one) => {
    const { existing, action } = one.placed;
    if (action !== "replace" || !existing) return one;
    const step = withReplacing(one.step, existing, { ...scene, planned });
    for (const address of addressesOf(step)) planned.add(address);
    return { ...one, step };
  });
}

function addressesOf({ spec: { network, joined = [] } }: StartInstance): string[] {
  return [network, ...joined].flatMap((attachment) => attachment?.address ?? []);
}

/** The step that replaces a container in the order that its definition and the moment allow. */
function withReplacing(
  step: StartInstance,
  existing: ObservedInstance,
  scene: HandoverScene & AddressScene,
): StartInstance {
  const { handover } = step;
  if (!handover || existing.state !== "running") return step;
  const { order, reasons } = handover;
  if (order === "stop-first") return { ...step, replacing: { order, reasons } };
  const obstacles = obstaclesNow(step, existing, scene);
  if (obstacles.length > 0)
    return { ...step, replacing: { order: "stop-first", reasons: obstacles } };
  return { ...withOtherAddresses(step, existing, scene), replacing: { order, reasons } };
}

function obstaclesNow(
  { spec, handover, temporaryVolume, predecessor }: StartInstance,
  existing: ObservedInstance,
  { isNetworkReplaced }: HandoverScene,
): string[] {
  const isImageVolume = ({
    volume,
    target,
    readOnly,
  }: ObservedInstance["mounts"][number]): boolean =>
    !readOnly && volume === imageVolumeNameOf(spec.name, target);
  const volumes = handover?.isAsked ? [] : existing.mounts.filter(isImageVolume);
  return [
    ...(predecessor === existing.id ? [] : ["an earlier replacement is unfinished"]),
    ...(isNetworkReplaced(existing) ? ["its network is replaced"] : []),
    ...(temporaryVolume === undefined ? [] : ["its temporary volume is emptied"]),
    ...volumes.map(({ target }) => `it writes to ${target}, a volume of its image`),
  ];
}
