// Docker's short form of ports: whatever is written in it means the same in parts, and nothing else is accepted.
import { expect, setDefaultTimeout, test } from "bun:test";
import { isIP } from "node:net";
import * as fc from "fast-check";
import { portDefinitions } from "../../src/api/field-schemas.ts";
import { createOptions } from "../../src/docker/containers/create-options.ts";
import { parsePorts, type ParsedPort } from "../../src/model/port-syntax.ts";
import { freePort } from "../../src/model/ports.ts";
import { safeParse } from "valibot";
import { cases } from "../support/random.ts";
import { plan, projectOf, startOf } from "../unit/support/planning.ts";

// Random tests take as long as the machine lets them.
setDefaultTimeout(120_000);

const protocols = ["tcp", "udp", "sctp"] as const;
const mapping = fc.record({
  ip: fc.oneof(fc.constant(""), fc.ipV4(), fc.ipV6()),
  /** Undefined: not said. */
  host: fc.option(fc.oneof(fc.constant(freePort), fc.integer({ min: 1, max: 65_500 })), {
    nil: undefined,
  }),
  container: fc.integer({ min: 1, max: 65_500 }),
  count: fc.integer({ min: 1, max: 30 }),
  protocol: fc.constantFrom(...protocols),
  saysProtocol: fc.boolean(),
  /** A free port is "0" or nothing. */
  saysZero: fc.boolean(),
  /** How many ports of the host there are for one of the container. */
  choices: fc.integer({ min: 1, max: 30 }),
});
type Mapping = typeof mapping extends fc.Arbitrary<infer Value> ? Value : never;

function range(first: number, count: number): string {
  return count === 1 ? String(first) : `${first}-${first + count - 1}`;
}

function textOf(given: Mapping): string {
  const { ip, host, container, count, protocol, saysProtocol, saysZero } = given;
  const address = ip.includes(":") ? `[${ip}]:` : ip && `${ip}:`;
  const free = saysZero ? "0:" : ":";
  // An address needs a place for the host's port.
  const isUnsaid = host === undefined && ip === "";
  const outside =
    host === undefined || host === freePort ? free : `${rangeOf(given) ?? range(host, count)}:`;
  const suffix = saysProtocol || protocol !== "tcp" ? `/${protocol}` : "";
  return `${address}${isUnsaid ? "" : outside}${range(container, count)}${suffix}`;
}

/** The ports that the Engine may choose from. */
function rangeOf({ host, count, choices }: Mapping): string | undefined {
  if (host === undefined || host === freePort || count > 1 || choices === 1) return undefined;
  return range(host, choices);
}

function partsOf(given: Mapping): ParsedPort[] {
  const { ip, host, container, count, protocol } = given;
  const within = rangeOf(given);
  if (within !== undefined) return [{ container, host: freePort, within, protocol, ip }];
  const isFree = host === freePort || (host === undefined && ip !== "");
  const first = isFree ? freePort : host;
  return Array.from({ length: count }, (_, index) => ({
    container: container + index,
    host: first && first + index,
    protocol,
    ip,
  }));
}

/** Of the form, but for a sign here and there. */
const nearlyPorts = fc
  .tuple(
    mapping,
    fc.nat(60),
    fc.constantFrom("-", ":", "0", "/", " ", "[", "]", ".", "x", "\n", ""),
  )
  .map(([given, at, sign]) => {
    const text = textOf(given);
    return text.slice(0, at % (text.length + 1)) + sign + text.slice((at % (text.length + 1)) + 1);
  });

test("a text means what its parts say", () => {
  fc.assert(
    fc.property(mapping, (given) => {
      expect(parsePorts(textOf(given))).toEqual(partsOf(given));
    }),
    { numRuns: cases(2000) },
  );
});

function exists({ container, host = 0, protocol, ip }: ParsedPort): boolean {
  const isPort = container >= 1 && container <= 65_535 && host >= 0 && host <= 65_535;
  return isPort && protocols.includes(protocol) && (ip === "" || isIP(ip) > 0);
}

test("whatever is accepted has ports and addresses that exist", () => {
  fc.assert(
    fc.property(fc.oneof(nearlyPorts, fc.string({ maxLength: 20 })), (text) => {
      // A range may be of thousands.
      expect((parsePorts(text) ?? []).filter((port) => !exists(port))).toEqual([]);
    }),
    { numRuns: cases(5000) },
  );
});

test("the text and the object give the Engine the same", () => {
  fc.assert(
    fc.property(mapping, (given) => {
      const objects = partsOf(given).map(({ host, ip, within = "free", ...port }) => ({
        ...port,
        ...(host === undefined ? {} : { host: host === freePort ? within : host }),
        ...(ip === "" ? {} : { ip }),
      }));
      const bindingsOf = (ports: unknown[]) => {
        const read = safeParse(portDefinitions, ports);
        if (!read.success) throw new Error(read.issues[0].message);
        const project = projectOf([{ service: "web", ports: read.output }]);
        const { spec } = startOf(plan(project).steps, "web-one");
        return createOptions(spec).HostConfig?.PortBindings;
      };
      const bindings = bindingsOf([textOf(given)]);
      expect(bindings).toEqual(bindingsOf(objects));
      expect(Object.keys(bindings ?? {})).toHaveLength(given.count);
    }),
    { numRuns: cases(300) },
  );
});
