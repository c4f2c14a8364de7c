import { expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";
import * as v from "valibot";
import { hooks } from "../../src/api/lifecycle-schemas.ts";
import { cases } from "../support/random.ts";
import { hostileText, hostileValue } from "./support/hostile.ts";

setDefaultTimeout(120_000);

const text = hostileText.filter((line) => line !== "");
const words = fc.array(hostileText, { minLength: 1, maxLength: 3 });
const settings = fc.record(
  { command: fc.oneof(text, words), user: text },
  { requiredKeys: ["command"] },
);

test("commands are read one by one, in their order, and keep their words", () => {
  const one = fc.oneof(text, words, settings);
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 4 }), (given) => {
      fc.pre(!given.every((item) => typeof item === "string"));
      const read = v.parse(hooks, given);
      const commands = given.map((item) =>
        typeof item === "object" && "command" in item ? item.command : item,
      );
      expect(read.map(({ command }) => command)).toEqual(
        commands.map((command) =>
          typeof command === "string" ? ["/bin/sh", "-c", command] : [...command],
        ),
      );
    }),
    { numRuns: cases(100) },
  );
  fc.assert(
    fc.property(words, (given) => {
      expect(v.parse(hooks, given).map(({ command }) => command)).toEqual([given]);
    }),
    { numRuns: cases(100) },
  );
});

test("any value is commands, or refused without a defect", () => {
  fc.assert(
    fc.property(fc.oneof(hostileValue, fc.array(hostileValue)), (given) => {
      const { success, output } = v.safeParse(hooks, given);
      if (success) for (const { command } of output) expect(command.length).toBeGreaterThan(0);
    }),
    { numRuns: cases(100) },
  );
});
