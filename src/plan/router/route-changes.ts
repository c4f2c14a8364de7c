import { compareStrings } from "../../lib/compare-strings.ts";
import type { FieldChange } from "../../model/fields.ts";
import {
  isRemoteUpstream,
  type ConfigureRouter,
  type ObservedRouter,
} from "../../model/router-steps.ts";
import { servedRoutes } from "../../model/served-routes.ts";

/**
 * The routes that change, with the instances that get their requests before and after.
 *
 * @example
 * // { field: "shop.localhost/api", before: "api-one", after: "api-one, api-two" }
 */
export function routeChanges(
  known: ObservedRouter | undefined,
  { config, instances }: Pick<ConfigureRouter, "config" | "instances">,
): FieldChange[] {
  const keysBefore = [...(known?.upstreams ?? [])].map(([host, lines]) => {
    const upstreams = lines.map((line) => line.split(" "));
    const isRemote = upstreams.some(([, target = ""]) => isRemoteUpstream(target));
    return { name: nameOf(host, isRemote), keys: upstreams.map(([key = ""]) => key) };
  });
  const keysAfter = instances.map(({ host, routes, remoteName }) => ({
    name: nameOf(host, remoteName !== undefined),
    keys: routes.map(({ key }) => key),
  }));
  const before = namesByRoute(known?.config, keysBefore);
  const after = namesByRoute(config, keysAfter);
  return [...new Set([...before.keys(), ...after.keys()])]
    .toSorted(compareStrings)
    .map((field) => ({
      field,
      before: before.get(field) ?? null,
      after: after.get(field) ?? null,
    }))
    .filter((change) => change.before !== change.after);
}

function nameOf(host: string, isRemote: boolean): string {
  return isRemote ? `${host} on another machine` : host;
}

/** `HOST/PATH` -> the instances that have a key of it. */
function namesByRoute(
  config: string | undefined,
  instances: readonly { readonly name: string; readonly keys: readonly string[] }[],
): Map<string, string> {
  return new Map(
    servedRoutes(config ?? "").map(({ host, path, key }) => {
      const serving = instances.filter(({ keys }) => keys.includes(key));
      const names = serving.map(({ name }) => name).toSorted(compareStrings);
      return [`${host}${path === "/" ? "" : path}`, names.join(", ") || "none"];
    }),
  );
}
