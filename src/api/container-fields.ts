import * as v from "valibot";
import type { ResolverSettings, RuntimeSettings } from "../model/container-spec.ts";
import { splitOnce } from "../lib/split-once.ts";
import { isUlimit, restartPolicy, signalForm, signalName } from "../model/docker-syntax.ts";
import { nonEmptyString, strictObject } from "../model/value-schemas.ts";
import { blkioConfig, gpus } from "./device-schemas.ts";
import { engineFieldSchemas } from "./engine-field-schemas.ts";
import {
  commandForm,
  count,
  duration,
  millisecondOrMore,
  oneOrMore,
  record,
  recordOf,
  scalar,
  strings,
} from "./field-schemas.ts";

const healthcheck = v.pipe(
  strictObject(
    {
      test: v.optional(
        v.union([
          v.pipe(
            nonEmptyString,
            v.transform((shell) => ["CMD-SHELL", shell]),
          ),
          v.pipe(v.array(v.string()), v.transform(execForm)),
        ]),
      ),
      interval: v.optional(millisecondOrMore),
      timeout: v.optional(millisecondOrMore),
      startPeriod: v.optional(millisecondOrMore),
      startInterval: v.optional(millisecondOrMore),
      retries: v.optional(count),
      disable: v.optional(v.boolean()),
    },
    'an object: { test: "curl -f http://localhost/" }',
  ),
  v.transform(({ test, interval, timeout, startPeriod, startInterval, retries, disable }) => ({
    test: disable === true ? ["NONE"] : test,
    interval,
    timeout,
    startPeriod,
    startInterval,
    retries,
  })),
);

/** The arguments of a check. The first item that Compose requires (NONE, CMD or CMD-SHELL) is optional. */
function execForm(given: string[]): string[] {
  const marked = ["NONE", "CMD", "CMD-SHELL"].includes(given[0] ?? "");
  return marked ? [...given] : ["CMD", ...given];
}

export const ulimit = v.union([
  v.pipe(
    v.number(),
    v.transform((limit) => ({ soft: limit, hard: limit })),
  ),
  v.pipe(
    strictObject({ soft: v.number(), hard: v.number() }),
    v.check(isUlimit, "a soft limit that is not above the hard one"),
  ),
]);

/** `["NAME:ADDRESS"]` or `{ NAME: "ADDRESS" }`. */
const hostForm = v.regex(/^[^:\s]+:\S+$/, '"NAME:ADDRESS"');
export const extraHosts = v.union([
  v.pipe(
    v.array(v.pipe(nonEmptyString, hostForm)),
    v.transform((lines) => lines.map((line) => splitOnce(line, ":"))),
  ),
  v.pipe(
    recordOf(nonEmptyString, '{ NAME: "ADDRESS" }'),
    v.transform((hosts) => Object.entries(hosts)),
  ),
]);

const tmpfs = v.union([
  v.pipe(
    oneOrMore,
    v.transform((paths) => Object.fromEntries(paths.map((path) => splitOnce(path, ":")))),
  ),
  recordOf(v.string(), '{ PATH: "OPTIONS" }'),
]);

const restart = v.custom<string>(
  (given) => typeof given === "string" && restartPolicy.test(given),
  '"no", "always", "unless-stopped", "on-failure" or "on-failure:3"',
);

const stopSignal = v.custom<string>(
  (given) => typeof given === "string" && signalName(given) !== undefined,
  signalForm,
);

const macAddress = v.pipe(v.string(), v.mac48('a MAC address such as "02:42:ac:11:00:02"'));

const platform = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9]+)?$/, '"OS/ARCHITECTURE", such as "linux/amd64"'),
);

/** Fields that go to the Engine unchanged. */
export const runtimeFields = {
  ...engineFieldSchemas,
  entrypoint: v.optional(commandForm),
  user: v.optional(v.pipe(v.union([v.string(), v.number()]), v.transform(String))),
  workingDir: v.optional(nonEmptyString),
  domainname: v.optional(nonEmptyString),
  macAddress: v.optional(macAddress),
  platform: v.optional(platform),
  tmpfs: v.optional(tmpfs),
  healthcheck: v.optional(healthcheck),
  restart: v.optional(restart),
  stopGracePeriod: v.optional(duration),
  stopSignal: v.optional(stopSignal),
  ulimits: v.optional(recordOf(ulimit, "{ NAME: number }")),
  devices: v.optional(strings),
  gpus: v.optional(gpus),
  blkioConfig: v.optional(blkioConfig),
  groupAdd: v.optional(v.array(scalar)),
  logging: v.optional(
    strictObject({ driver: v.optional(nonEmptyString), options: v.optional(record) }),
  ),
  tty: v.optional(v.boolean()),
  stdinOpen: v.optional(v.boolean()),
};

const runtimeSchema = strictObject(runtimeFields);

/** The given fields in the Engine's terms. */
export function runtimeSettingsOf(fields: v.InferOutput<typeof runtimeSchema>): RuntimeSettings {
  const { logging, ulimits, ...unchanged } = fields;
  const names = Object.keys(runtimeFields);
  const given = Object.entries(unchanged).filter(
    ([key, value]) => names.includes(key) && value !== undefined,
  );
  return {
    ...Object.fromEntries(given),
    ...(ulimits
      ? { ulimits: Object.entries(ulimits).map(([name, limit]) => ({ name, ...limit })) }
      : {}),
    ...(logging ? { logDriver: logging.driver, logOptions: logging.options ?? {} } : {}),
  };
}

const address = v.pipe(v.string(), v.ip("an IP address"));

/** How the container resolves names. */
export const resolverFields = {
  dns: v.optional(
    v.union([
      v.pipe(
        address,
        v.transform((server) => [server]),
      ),
      v.array(address),
    ]),
  ),
  // An empty text is the Engine's for a search without a domain.
  dnsSearch: v.optional(
    v.union([
      v.pipe(
        v.string(),
        v.transform((domain) => [domain]),
      ),
      v.array(v.string()),
    ]),
  ),
  dnsOpt: v.optional(strings),
};

/** Only what is given: the rest stays as the project has it. */
export function resolverOf(
  fields: v.InferOutput<v.StrictObjectSchema<typeof resolverFields, undefined>>,
): Partial<ResolverSettings> | undefined {
  const { dns, dnsSearch, dnsOpt } = fields;
  if (!dns && !dnsSearch && !dnsOpt) return undefined;
  return {
    ...(dns && { servers: dns }),
    ...(dnsSearch && { search: dnsSearch }),
    ...(dnsOpt && { options: dnsOpt }),
  };
}
