import * as v from "valibot";
import { isRecord } from "../lib/is-record.ts";
import { commandArgs, parseBytes, parsePort, parseSeconds } from "../model/docker-syntax.ts";
import type { PortDefinition } from "../model/project.ts";
import { nonEmptyString, portNumber } from "../model/value-schemas.ts";

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
export const count = v.pipe(v.number(), v.integer("a whole number"), v.minValue(0, "0 or more"));

/** A number, or a string that `read` turns into one. */
function quantity(read: (given: string) => number | undefined, form: string) {
  return v.union([
    v.pipe(v.number(), v.minValue(0, form)),
    v.pipe(
      v.string(),
      v.check((given) => read(given) !== undefined, form),
      v.transform((given) => read(given) ?? 0),
    ),
  ]);
}

export const duration = quantity(
  parseSeconds,
  'seconds as a number, or a string such as "1m30s" or "500ms"',
);
export const size = quantity(parseBytes, 'bytes as a number, or a string such as "512m" or "2g"');

const publishedForm =
  'a port from 1 to 65535, or a string "[IP:][HOST:]CONTAINER[/udp]" such as "8080:80"';

export const portDefinition = v.union([
  v.pipe(
    portNumber,
    v.transform((number): PortDefinition => ({
      container: number,
      host: number,
      protocol: "tcp" as const,
    })),
  ),
  v.pipe(
    v.string(),
    v.check((given) => parsePort(given) !== undefined, publishedForm),
    v.transform((given): PortDefinition => {
      const { container = 0, host = container, protocol = "tcp", ip = "" } = parsePort(given) ?? {};
      return { container, host, protocol, ...(ip === "" ? {} : { ip }) };
    }),
  ),
  v.pipe(
    v.strictObject({
      container: portNumber,
      host: v.optional(portNumber),
      protocol: v.optional(v.picklist(["tcp", "udp"])),
      ip: v.optional(v.pipe(v.string(), v.ip("an IP address of the host"))),
    }),
    v.transform(({ container, host, protocol, ip }): PortDefinition => ({
      container,
      host: host ?? container,
      protocol: protocol ?? ("tcp" as const),
      ...(ip === undefined ? {} : { ip }),
    })),
  ),
]);
