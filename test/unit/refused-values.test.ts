// What the Engine refuses in any case is refused when the definition is read.
import { describe, expect, test } from "bun:test";
import { constants } from "node:os";
import * as fc from "fast-check";
import * as v from "valibot";
import { runtimeFields } from "../../src/api/container-fields.ts";
import { readExtraArgs } from "../../src/plan/describe/docker-run-args.ts";
import { seed } from "../support/seed.ts";

const fields = v.strictObject(runtimeFields);
const isField = (field: object): boolean => v.safeParse(fields, field).success;
function isArgument(text: string): boolean {
  try {
    readExtraArgs(text, { file: "default.conf" });
    return true;
  } catch {
    return false;
  }
}

/** A value as a field of service(), as an option of docker run, and whether the Engine takes it. */
type Case = readonly [field: object, argument: string | undefined, isAccepted: boolean];

const integer = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const signals = Object.keys(constants.signals);
const least = 6 * 1024 ** 2;
const cases: Readonly<Record<string, fc.Arbitrary<Case>>> = {
  memLimit: fc
    .oneof(integer(0, 2 * least), fc.constantFrom(0, 1, least - 1, least))
    .map((bytes) => [{ memLimit: `${bytes}b` }, `-m ${bytes}`, bytes === 0 || bytes >= least]),
  memReservation: integer(1, 2 * least).map((memReservation) => [
    { memReservation },
    undefined,
    memReservation >= least,
  ]),
  "a known stopSignal": fc
    .constantFrom(
      ...signals,
      ...signals.map((name) => name.slice(3)),
      "9",
      "34",
      "37",
      "64",
      "SIGRTMIN+3",
      "rtmax-1",
    )
    .chain((name) => fc.constantFrom(name, name.toLowerCase()))
    .map((stopSignal) => [{ stopSignal }, `--stop-signal ${stopSignal}`, true]),
  "an unknown stopSignal": fc
    .constantFrom("SIGFOO", "FOO", "0", "65", "99", "SIGRTMIN+16", "SIG", "SIGSIGHUP", "-9")
    .map((stopSignal) => [{ stopSignal }, `--stop-signal=${stopSignal}`, false]),
  ulimits: fc
    .tuple(integer(-1, 9), integer(-1, 9))
    .map(([soft, hard]) => [
      { ulimits: { nofile: { soft, hard } } },
      `--ulimit nofile=${soft}:${hard}`,
      hard === -1 || (soft >= 0 && soft <= hard),
    ]),
  oomScoreAdj: integer(-1010, 1010).map((oomScoreAdj) => [
    { oomScoreAdj },
    undefined,
    Math.abs(oomScoreAdj) <= 1000,
  ]),
  memSwappiness: integer(-10, 110).map((memSwappiness) => [
    { memSwappiness },
    undefined,
    memSwappiness >= 0 && memSwappiness <= 100,
  ]),
  "blkioConfig.weight": integer(0, 1010).map((weight) => [
    { blkioConfig: { weight } },
    undefined,
    weight >= 10 && weight <= 1000,
  ]),
  cpus: integer(-3, 3).map((cpus) => [{ cpus }, `--cpus=${cpus}`, cpus > 0]),
  "healthcheck.interval": integer(0, 2000).map((micros) => [
    { healthcheck: { test: "true", interval: `${micros}us` } },
    undefined,
    micros === 0 || micros >= 1000,
  ]),
};

describe("a value is accepted if the Engine takes it", () => {
  test.each(Object.entries(cases))("%s", (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, ([field, argument, isAccepted]) => {
        expect(isField(field)).toBe(isAccepted);
        if (argument !== undefined) expect(isArgument(argument)).toBe(isAccepted);
      }),
      { seed },
    );
  });
});
