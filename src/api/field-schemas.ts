import * as v from "valibot";
import { isRecord } from "../lib/is-record.ts";
import { commandArgs, isMemoryLimit, parseBytes, parseSeconds } from "../model/docker-syntax.ts";
import { freePort } from "../model/ports.ts";
import {
  isAddress,
  isPortRange,
  parsePorts,
  portForm,
  type ParsedPort,
} from "../model/port-syntax.ts";
import type { PortDefinition } from "../model/project.ts";
import { nonEmptyString, portNumber, strictObject } from "../model/value-schemas.ts";

/** A line for the shell, or a list of arguments. */
export const commandForm = v.union([
  v.pipe(
    nonEmptyString,
    v.transform((line) => commandArgs(line)),
  ),
  v.array(v.string()),
]);

export const strings = v.array(nonEmptyString);
export const oneOrMore = v.union([
  v.pipe(
    nonEmptyString,
    v.transform((value) => [value]),
  ),
  strings,
]);
export const scalar = v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String));

/** An object with values of one kind. */
export function recordOf<Value extends v.GenericSchema>(value: Value, form: string) {
  return v.pipe(
    v.custom<Record<string, unknown>>(isRecord, `an object: ${form}`),
    v.record(v.string(), value),
  );
}
export const record = recordOf(scalar, "{ NAME: value }");
export const positive = v.pipe(v.number(), v.gtValue(0, "a number above 0"));

/** A whole number within bounds. */
export function wholeNumber(
  least: number,
  most: number,
  form = `a whole number from ${least} to ${most}`,
) {
  return v.pipe(v.number(), v.integer(form), v.minValue(least, form), v.maxValue(most, form));
}

export const count = v.pipe(v.number(), v.integer("a whole number"), v.minValue(0, "0 or more"));

/** A number, or a string that `read` turns into one. */
function quantity(
  read: (given: string) => number | undefined,
  form: string,
  isAccepted: (quantity: number) => boolean = () => true,
) {
  return v.union([
    v.pipe(v.number(), v.minValue(0, form), v.check(isAccepted, form)),
    v.pipe(
      v.string(),
      v.check((given) => {
        const value = read(given);
        return value !== undefined && isAccepted(value);
      }, form),
      v.transform((given) => read(given) ?? 0),
    ),
  ]);
}

const durationForm = 'seconds as a number, or a string such as "1m30s" or "500ms"';
export const duration = quantity(parseSeconds, durationForm);
const sizeForm = 'bytes as a number, or a string such as "512m" or "2g"';
export const size = quantity(parseBytes, sizeForm);
export const memory = quantity(parseBytes, `${sizeForm}, at least 6 MB`, isMemoryLimit);
/** Of a health check: the Engine's units are billionths of a second, and it takes no less than this. */
export const millisecondOrMore = quantity(
  parseSeconds,
  `${durationForm}, at least "1ms"`,
  (given) => given === 0 || given >= 0.001,
);

const hostPort = v.union([
  v.pipe(
    portNumber,
    v.transform((host): HostPort => ({ host })),
  ),
  v.pipe(
    v.union([v.literal("free"), v.literal(freePort)]),
    v.transform((): HostPort => ({ host: freePort })),
  ),
  v.pipe(
    v.string(),
    v.check(isPortRange, 'a port from 1 to 65535, a range such as "8000-8010", or "free"'),
    v.transform((within): HostPort => ({ host: freePort, within })),
  ),
]);

type HostPort = Pick<ParsedPort, "host" | "within">;

const portInput = v.union([
  v.pipe(
    portNumber,
    v.transform((number): PortDefinition[] => [
      { container: number, host: number, protocol: "tcp" as const },
    ]),
  ),
  v.pipe(
    v.string(),
    v.check(
      (given) => parsePorts(given) !== undefined,
      `a port from 1 to 65535, or a string ${portForm}`,
    ),
    v.transform((given): PortDefinition[] => (parsePorts(given) ?? []).map(toDefinition)),
  ),
  v.pipe(
    strictObject({
      container: portNumber,
      host: v.optional(hostPort),
      protocol: v.optional(v.picklist(["tcp", "udp", "sctp"])),
      ip: v.optional(v.pipe(v.string(), v.check(isAddress, "an IP address of the host"))),
    }),
    v.transform(({ container, host, protocol = "tcp", ip = "" }): PortDefinition[] => [
      toDefinition({ container, host: undefined, ...host, protocol, ip }),
    ]),
  ),
]);

function toDefinition({ container, host = container, ip, ...others }: ParsedPort): PortDefinition {
  return { container, host, ...others, ...(ip === "" ? {} : { ip }) };
}

export const portDefinitions = v.pipe(
  v.array(portInput),
  v.transform((ports) => ports.flat()),
);
