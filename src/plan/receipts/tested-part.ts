import type { Selection } from "../select/selection.ts";
import type { ComparedContent, ComparedInstance } from "./compare.ts";

/** What a call is about. */
export interface TestedScope {
  readonly selections: readonly Selection[];
  /** Nodes of the conf that it leaves out. */
  readonly leftOut?: ReadonlySet<string> | undefined;
}

/**
 * The instances of a receipt that a call is about: all, those of its group, or those that it names. On nodes that it
 * leaves out nothing is compared; on all others, an instance that is defined no more is a difference.
 */
export function testedPart(
  tested: ComparedContent,
  instances: readonly Pick<ComparedInstance, "host">[],
  { selections, leftOut }: TestedScope,
): ComparedContent {
  const here = new Set(instances.map(({ host }) => host));
  const isMeant = ({ service, instance, group }: Selection, own: string | null): boolean =>
    service === "all" && instance === undefined && (group === undefined || group === own);
  const wanted = tested.instances.filter(({ host, group }) => {
    if (here.has(host)) return true;
    if (group !== null && leftOut?.has(group)) return false;
    return selections.some((one) => isMeant(one, group));
  });
  return { ...tested, instances: wanted };
}
