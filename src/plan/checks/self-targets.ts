import { inside, ReynsError, type Place } from "../../errors.ts";
import { hostNameOf } from "../../model/host-names.ts";
import type { Conf, InstanceDefinition, Target } from "../../model/project.ts";
import { pointsTo } from "../select/match.ts";

/** Links and waits of an instance that lead to nothing but the instance itself. */
export function selfTargetErrors({ instances }: Conf): ReynsError[] {
  const isOnlyItself = (target: Target, own: InstanceDefinition): boolean => {
    // A pattern of host names is often written once for several instances.
    if ("host" in target) return false;
    const found = instances.filter((other) => pointsTo(target, other.service, nameOf(other)));
    return found.length === 1 && found[0] === own;
  };
  return instances.flatMap((own) => [
    ...own.links.flatMap(({ name, target }, index) =>
      isOnlyItself(target, own)
        ? selfError(own, `the link ${name} leads`, inside(own.at, "links", index))
        : [],
    ),
    ...own.after.flatMap((target, index) =>
      isOnlyItself(target, own)
        ? selfError(own, "after leads", inside(own.at, "after", index))
        : [],
    ),
  ]);
}

function nameOf({ instance }: InstanceDefinition): string {
  return instance ?? "";
}

function selfError(own: InstanceDefinition, subject: string, at: Place): ReynsError {
  const host = hostNameOf(own.service, nameOf(own));
  const hint = "name another instance, or remove it";
  return new ReynsError("INVALID_PROJECT", `${host}: ${subject} to the instance itself`, {
    hint,
    at,
  });
}
