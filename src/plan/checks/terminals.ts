import { ReynsError } from "../../errors.ts";
import type { Decided } from "../converge.ts";

/** Instances that are to run in this terminal, but run already without it: to go on would ignore what was asked for. */
export function terminalErrors(decided: readonly Decided[]): ReynsError[] {
  return decided.flatMap(({ placed, step }) => {
    const { selectedBy, properties, service } = placed.selected;
    const isNamed = selectedBy === "name" && properties.interactive;
    if (!isNamed || placed.existing === undefined || placed.starts) return [];
    const message = `${step.host} runs already, without this terminal`;
    const hint = `in a container beside it: reyns run ${service} -- bash\nin the running one: reyns shell ${service}`;
    return [new ReynsError("NAME_TAKEN", message, { hint })];
  });
}
