import { ReynsError } from "../../errors.ts";
import { acceptedHint } from "../../lib/suggest.ts";
import { callFor } from "../../model/copy-origin.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import { matches, otherServiceHint, patternsOf } from "./match.ts";

/** The observed instances that a command is about. */
export interface InstanceQuery {
  /** A service's name, a pattern, or "all". */
  readonly service: string;
  readonly instance: string | undefined;
  readonly group?: string | undefined;
  /** Of the project or the copy, for the call that an error offers. */
  readonly origin?: string | undefined;
}

/** Whether an instance is one that a query is about. */
export function matchesQuery(
  {
    service,
    instance,
    group,
  }: Pick<ObservedInstance, "service" | "instance"> & Partial<Pick<ObservedInstance, "group">>,
  query: InstanceQuery,
): boolean {
  return (
    (query.service === "all" || matches(query.service, service)) &&
    (query.instance === undefined || matches(query.instance, instance)) &&
    (query.group === undefined || query.group === group)
  );
}

/**
 * The observed instances that match a query.
 *
 * @throws ReynsError UNKNOWN_INSTANCE when the service or the instance that it names does not exist
 */
export function findInstances(
  instances: readonly ObservedInstance[],
  query: InstanceQuery,
): ObservedInstance[] {
  const found = instances.filter((instance) => matchesQuery(instance, query));
  // A group without instances is no error: cleaning it twice finds nothing the second time.
  if (query.service === "all") return found;
  const isFound = (service: string): boolean => found.some((one) => matches(service, one.service));
  const unknown = patternsOf(query.service).find((service) => !isFound(service));
  if (unknown === undefined) return found;
  throw unknownInstanceError(instances, { ...query, service: unknown });
}

/** Leaves out instances that another call is attached to, unless they are named: that call removes them at its end. */
export function withoutAttached(
  instances: readonly ObservedInstance[],
  { instance }: Pick<InstanceQuery, "instance">,
): ObservedInstance[] {
  return instances.filter((found) => !found.isAttached || found.instance === instance);
}

/**
 * The only instance that matches a query.
 *
 * @throws ReynsError UNKNOWN_INSTANCE; AMBIGUOUS_INSTANCE, with a list, when several match
 */
export function findOneInstance(
  instances: readonly ObservedInstance[],
  query: InstanceQuery,
): ObservedInstance {
  const found = findInstances(instances, query);
  const [first] = found;
  if (first && found.length === 1) return first;
  if (!first) throw unknownInstanceError(instances, query);
  throw new ReynsError("AMBIGUOUS_INSTANCE", `"${query.service}" has ${found.length} instances`, {
    hint: `name one of them: ${found.map(({ instance }) => instance).join(", ")}`,
  });
}

function unknownInstanceError(
  instances: readonly ObservedInstance[],
  { service, instance, origin = "" }: InstanceQuery,
): ReynsError {
  const ofService = instances.filter((other) => matches(service, other.service));
  if (ofService.length > 0 && instance !== undefined) {
    const services = instances.map((other) => other.service);
    const names = ofService.map((other) => other.instance);
    const isService = services.includes(instance);
    const hint = isService
      ? `"${instance}" is a service: a call takes one service, a pattern or all`
      : (otherServiceHint(instance, names, services) ?? acceptedHint(instance, names));
    return new ReynsError("UNKNOWN_INSTANCE", `no instance "${instance}" of ${service}`, { hint });
  }
  const meant = instances.find(({ host }) => host === service);
  if (meant)
    return new ReynsError("UNKNOWN_INSTANCE", `no instance of "${service}"`, {
      hint: `did you mean: ${meant.service} ${meant.instance}`,
    });
  const hint =
    instances.length === 0
      ? `this project has no instances here; start them with "${callFor(origin, "reyns run all")}"`
      : acceptedHint(service, new Set(instances.map((other) => other.service)));
  return new ReynsError("UNKNOWN_INSTANCE", `no instance of "${service}"`, { hint });
}
