import * as v from "valibot";
import { inside, ReynsError, type Place } from "../../errors.ts";
import { acceptedHint, didYouMean } from "../../lib/suggest.ts";
import { checkKeys, withoutUnknownKeys, type JsonPath } from "../../model/schema-errors.ts";
import { isOfAnotherProgram } from "./files.ts";
import { readJsonc, type JsonDocument } from "../jsonc.ts";
import { dnsVariables } from "../../model/dns-settings.ts";
import { checkNames } from "../../model/host-names.ts";
import { overridable } from "../../model/env-value.ts";
import {
  defineInstance,
  type Conf,
  type EnvValue,
  type InstanceDefinition,
  type LinkDefinition,
} from "../../model/project.ts";
import {
  confFields,
  confKeys,
  fieldsIn,
  fromConf,
  presetsIn,
} from "../../model/property-schemas.ts";
import { splitVolumeList } from "../../model/volume-syntax.ts";
import { nonEmptyString } from "../../model/value-schemas.ts";
import { defaultRuntime } from "../../model/default-restart.ts";
import { routerService } from "../../model/routes.ts";
import { isRecord } from "../../lib/is-record.ts";
import { routeKeys, routerOf, routerOptions, routes } from "../../api/route-schemas.ts";

const envValue = v.nullable(v.union([v.string(), v.number(), v.boolean()]));

const linkSchema = v.union([
  v.pipe(
    v.string(),
    v.regex(/^[a-z0-9*-]+:[A-Za-z0-9_-]+$/, '"HOST:NAME", for example "reyns-dns-main:dns"'),
  ),
  v.strictObject({
    name: nonEmptyString,
    service: nonEmptyString,
    instance: v.nullable(nonEmptyString),
  }),
]);

/** A file of the project can only be named in a `reyns.ts`. */
const { http, https, redirect, email, acme } = routerOptions;
const routerFields = { http, https, redirect, email, acme };
const routerKeys = Object.keys(routerFields);

/** One entry of a `.conf`. */
const entrySchema = v.strictObject({
  service: nonEmptyString,
  instance: v.optional(v.nullable(nonEmptyString)),
  ...confFields,
  links: v.optional(v.array(linkSchema)),
  env_vars: v.optional(v.record(v.string(), envValue)),
  job: v.optional(v.boolean()),
  sleep: v.optional(v.pipe(v.number(), v.minValue(0, "seconds, 0 or more"))),
  volumes: v.optional(v.nullable(v.string())),
  route: v.optional(routes, []),
  ...routerFields,
});

const acceptedKeys = {
  "": Object.keys(entrySchema.entries),
  route: routeKeys,
  links: ["name", "service", "instance"],
};

type ConfEntry = v.InferOutput<typeof entrySchema>;

/** A conf as far as it can be read, and its mistakes with their places. */
export interface ReadConf {
  readonly conf: Conf;
  readonly errors: readonly ReynsError[];
}

/**
 * Reads an older conf: a JSON list of instances that run one after another, in this order.
 *
 * @throws ReynsErrors INVALID_PROJECT if it is not a list
 */
export function readConfFile(file: string, name: string): ReadConf {
  if (isOfAnotherProgram(file)) throw notAConf(file, name);
  const document = readJsonc(file);
  if (!Array.isArray(document.value)) {
    throw new ReynsError("INVALID_PROJECT", "a conf has to be a list of instances", {
      hint: 'write [{"service": "…", "instance": "…"}, …]',
      at: document.placeOf([]),
    });
  }
  const errors: ReynsError[] = [];
  const instances = document.value.map((value, index) => readEntry(value, index, document, errors));
  const known = instances.filter((instance) => instance !== undefined);
  return { conf: { name, file, sequential: true, instances: known }, errors };
}

function notAConf(file: string, name: string): ReynsError {
  const message = `${name}.conf is not a list of instances in JSON, as every .conf in this folder has to be`;
  const hint = "if it belongs to another program, move it to another folder, such as config/";
  return new ReynsError("INVALID_PROJECT", message, { hint, at: { file, line: 1, column: 1 } });
}

function readEntry(
  value: unknown,
  index: number,
  document: JsonDocument,
  errors: ReynsError[],
): InstanceDefinition | undefined {
  const placeOf = (path: JsonPath): Place => document.placeOf([index, ...path]);
  const at = { ...placeOf([]), placeOf: (path: JsonPath) => placeOf(pathInConf(path)) };
  const { known, errors: unknown } = withoutUnknownKeys(value, keysOf(value), placeOf, hintForKey);
  errors.push(...unknown);
  const context = { placeOf, keys: acceptedKeys, hintOf: hintForKey };
  const { output: entry, errors: invalid } = checkKeys(entrySchema, known, context);
  errors.push(...invalid);
  if (!entry) return undefined;
  errors.push(
    ...checkNames(
      entry.service,
      entry.instance ?? undefined,
      inside(at, 0),
      inside(at, "instance"),
    ),
  );
  return instanceFromEntry(entry, at);
}

const confNames: Readonly<Record<string, string>> = { ...confKeys, env: "env_vars" };

/** Where the option of a `reyns.ts` at this path stands in an entry: the first argument is the service. */
function pathInConf([key = 0, ...rest]: JsonPath): JsonPath {
  if (key === 0) return ["service"];
  const [name, names]: [string, Readonly<Record<string, string>>] = [String(key), dnsVariables];
  const variable = Object.hasOwn(names, name) ? names[name] : undefined;
  if (variable !== undefined) return ["env_vars", variable];
  return [(Object.hasOwn(confNames, name) && confNames[name]) || name, ...rest];
}

/** Those of the router are for the router alone. */
function keysOf(entry: unknown): readonly string[] {
  const isRouter = isRecord(entry) && entry["service"] === routerService;
  return isRouter ? acceptedKeys[""] : acceptedKeys[""].filter((key) => !routerKeys.includes(key));
}

/** All keys are listed only if none of them is similar. */
function hintForKey(key: string, accepted: readonly string[]): string {
  return didYouMean(key, accepted) ?? acceptedHint(key, accepted);
}

function instanceFromEntry(entry: ConfEntry, at: Place): InstanceDefinition {
  const values = fromConf(entry);
  const env = Object.entries(entry.env_vars ?? {});
  const volumes = splitVolumeList(entry.volumes ?? "");
  const runtime = defaultRuntime(entry.service);
  return defineInstance({
    ...fieldsIn(values),
    at,
    service: entry.service,
    instance: entry.instance ?? undefined,
    links: (entry.links ?? []).map(toLink),
    env: Object.fromEntries(env.map(([name, value]) => [name, toEnvValue(name, value)])),
    sleep: entry.sleep ?? 0,
    job: entry.job ? { always: false } : undefined,
    properties: presetsIn(values),
    volumes,
    ...(entry.route.length > 0 ? { routes: entry.route } : {}),
    ...routerOf(entry.service, { ...entry, ports: [], volumes }),
    ...(runtime === undefined ? {} : { runtime }),
  });
}

function toLink(link: NonNullable<ConfEntry["links"]>[number]): LinkDefinition {
  if (typeof link !== "string")
    return { name: link.name, target: { service: link.service, instance: link.instance } };
  const colon = link.lastIndexOf(":");
  return { name: link.slice(colon + 1), target: { host: link.slice(0, colon) } };
}

function toEnvValue(name: string, value: string | number | boolean | null): EnvValue {
  return value === null
    ? { kind: "required", secret: false, description: undefined }
    : overridable(name, String(value));
}
