import { dirname } from "node:path";
import { inside, type Place } from "../errors.ts";
import { isRecord } from "../lib/is-record.ts";
import { checkKeys, withoutUnknownKeys, type JsonPath } from "../model/schema-errors.ts";
import { checkNames } from "../model/host-names.ts";
import type { InstanceDefinition } from "../model/project.ts";
import {
  addError,
  isNonEmptyString,
  noteCaller,
  trackPending,
  type DefinitionContext,
  type Recorder,
} from "./recorder.ts";
import type { Deferrable, DnsOptions, ServiceOptions } from "./options.ts";
import { readReferencedFiles } from "./referenced-files.ts";
import { resolveDeep } from "./resolve-deep.ts";
import { acmeRootFile, routerService } from "../model/routes.ts";
import { routerKeys } from "./route-schemas.ts";
import {
  acceptedKeys,
  dnsKeys,
  instanceFromOptions,
  routerSchema,
  serviceSchema,
  type ParsedOptions,
} from "./schema.ts";
import { hintForKey } from "./synonyms.ts";

const usage = 'write service("NAME", { … })';

/** Records one instance in the current conf; promises among its values are awaited at the end of the file. */
export function recordInstance(recorder: Recorder, service: string, options: unknown): void {
  const at = noteCaller(recorder);
  if (!isNonEmptyString(service))
    return addError(recorder, "service() needs a name as its first argument", usage, at);
  if (!isRecord(options))
    addError(recorder, `the options of ${service} are not an object`, usage, inside(at, 1));
  const context = recorder.current.getStore() ?? {};
  const given = isRecord(options) ? options : standIns(recorder).image;
  const known = dropUnknownOptions(recorder, service, applyContext(context, given), at);
  const instance = resolveDeep(known).then((resolved) => {
    const checked = dropUnknownNestedKeys(recorder, resolved as object, at);
    return readInstance(recorder, service, checked, at);
  });
  trackPending(recorder, instance, at);
  recorder.confs.get(context.conf ?? "default")?.push(instance);
}

/** The instance's own group wins over group(); its own `after` is added to after(). */
function applyContext({ group, after = [] }: DefinitionContext, options: object): object {
  const given: { readonly after?: unknown } = group === undefined ? options : { group, ...options };
  if (after.length === 0) return given;
  const merged = async (): Promise<unknown[]> => [
    ...after,
    ...[(await resolveDeep(given.after)) ?? []].flat(),
  ];
  return { ...given, after: merged };
}

/** Reports unknown options at once: a value beside them may never be settled. */
function dropUnknownOptions(
  recorder: Recorder,
  service: string,
  given: object,
  at: Place,
): unknown {
  const dnsOnly = service === "reyns-dns" ? dnsKeys : [];
  const placeOf = (path: JsonPath): Place => inside(at, ...path);
  const { known, meant, errors } = withoutUnknownKeys(
    given,
    [...acceptedKeys[""], ...(service === routerService ? routerKeys : [])],
    placeOf,
    (key, accepted) => hintForKey(key, [...dnsOnly, ...accepted]),
  );
  recorder.errors.push(...errors);
  const misspelt = Object.entries(standIns(recorder)).filter(([name]) => name in meant);
  return Object.assign({}, ...misspelt.map(([, put]) => put), known) as object;
}

/** Reports unknown keys inside options that are objects themselves, such as `build` and `healthcheck`. */
function dropUnknownNestedKeys(recorder: Recorder, options: object, at: Place): object {
  const dropIn = (value: unknown, path: JsonPath, keys: readonly string[]): unknown => {
    if (Array.isArray(value))
      return value.map((item, index) => dropIn(item, [...path, index], keys));
    const placeOf = (inner: JsonPath): Place => inside(at, ...path, ...inner);
    const { known, meant, errors } = withoutUnknownKeys(value, keys, placeOf, hintForKey);
    recorder.errors.push(...errors);
    // A key that is only misspelt must not be reported as missing as well.
    return isRecord(known) ? { ...meant, ...known } : known;
  };
  const checked = Object.entries(options).map(([name, value]) => {
    const keys =
      Object.hasOwn(acceptedKeys, name) && acceptedKeys[name as keyof typeof acceptedKeys];
    // `{ SOURCE: "PATH" }` has no keys of ours, and neither have the networks of Compose.
    const isMap = ["volumes", "networks"].includes(name) && !Array.isArray(value);
    return [name, keys && !isMap ? dropIn(value, [name], keys) : value];
  });
  return Object.fromEntries(checked);
}

/**
 * In place of options with a mistake: a missing Dockerfile or an instance defined twice would be reported besides, and
 * what a Swarm service cannot have would not.
 */
function standIns({ errors }: Recorder) {
  const image = { image: "unknown" };
  return {
    image,
    build: image,
    instance: { instance: `unknown-${errors.length}` },
    swarm: { swarm: {} },
  };
}

async function readInstance(
  recorder: Recorder,
  service: string,
  options: unknown,
  at: Place,
): Promise<InstanceDefinition | undefined> {
  const placeOf = (path: JsonPath): Place => inside(at, ...path);
  const context = { placeOf, keys: acceptedKeys, hintOf: hintForKey };
  const { output: checked, errors } = checkKeys(
    service === routerService ? routerSchema : serviceSchema,
    options,
    context,
    standIns(recorder),
  );
  recorder.errors.push(...errors);
  if (!checked) return undefined;
  const { instance } = checked;
  recorder.errors.push(...checkNames(service, instance, inside(at, 0), inside(at, "instance")));
  const { acmeRoot }: ParsedOptions = checked;
  const files = acmeRoot ? { ...checked.files, [acmeRootFile]: acmeRoot } : checked.files;
  const read = await readReferencedFiles({ ...checked, files }, dirname(recorder.file), at);
  recorder.errors.push(...read.errors);
  if (acmeRoot)
    recorder.errors.push(...(await import("./acme-root.ts")).checkAcmeRoot(read.files, at));
  const definition = instanceFromOptions(service, checked, read, at);
  return read.warnings.length === 0 ? definition : { ...definition, warnings: read.warnings };
}

/** Turns the options that only dns() has into variables of the instance. */
export function dnsOptions({
  zone,
  ttl,
  lease,
  renew,
  secondary,
  ...options
}: Deferrable<DnsOptions>): Deferrable<ServiceOptions> {
  const settings = {
    ...{ DNS_ZONE: zone, DNS_TTL: ttl, DNS_LEASE: lease, DNS_RENEW: renew },
    DNS_SECONDARIES: secondary,
  };
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  if (given.length === 0) return options;
  const env = async (): Promise<object> => ({
    ...((await resolveDeep(options.env)) as object | undefined),
    ...((await resolveDeep(Object.fromEntries(given))) as object),
  });
  return { ...options, env: env as NonNullable<typeof options.env> };
}
