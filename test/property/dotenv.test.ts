import { expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";
import { parseDotenv } from "../../src/lib/dotenv.ts";
import { callerEnvironment, dotenvTable } from "../support/dotenv-table.ts";
import { cases } from "../support/random.ts";

// Random tests take as long as the machine lets them.
setDefaultTimeout(120_000);

const callerValue = (name: string): string | undefined =>
  Object.hasOwn(callerEnvironment, name)
    ? callerEnvironment[name as keyof typeof callerEnvironment]
    : undefined;

const separators = ["\n", "\n\n", "\n# V=comment ' \"\n", "\n \t\n", "\r\n"];
const statements = fc.array(
  fc.tuple(fc.constantFrom(...dotenvTable), fc.constantFrom(...separators)),
  { maxLength: 20 },
);

test("a statement of an env file has the same value whatever surrounds it", () => {
  fc.assert(
    fc.property(statements, (chosen) => {
      const renamed = chosen.map(([[statement, value], separator], index) => {
        const name = `N${index}`;
        return { text: statement.replace("V", name) + separator, name, statement, value };
      });
      const { variables, errors } = parseDotenv(
        renamed.map(({ text }) => text).join(""),
        callerValue,
      );
      expect(errors).toEqual([]);
      const expected = renamed.map(({ name, statement, value }) => [
        name + (/V([^\s:=]*)/.exec(statement)?.[1] ?? ""),
        value,
      ]);
      expect([...variables]).toEqual(expected as [string, string][]);
    }),
    { numRuns: cases(500) },
  );
});
