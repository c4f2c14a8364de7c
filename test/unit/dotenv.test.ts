import { expect, test } from "bun:test";
import { parseDotenv } from "../../src/lib/dotenv.ts";
import { callerEnvironment, dotenvTable } from "../support/dotenv-table.ts";

function parse(text: string): { env: object; faults: (string | number)[]; unset: unknown } {
  const callers: Record<string, string | undefined> = callerEnvironment;
  const { variables, errors, unset } = parseDotenv(text, (name) => callers[name]);
  const faults = errors.flatMap(({ line, message }) => [line, message]);
  return { env: Object.fromEntries(variables), faults, unset };
}

test.each(dotenvTable)("%j is read as Docker Compose reads it", (statement, value) => {
  const name = /V[^\s:=]*/.exec(statement)?.[0] ?? "";
  expect(parse(`${statement}\n`)).toEqual({ env: { [name]: value }, faults: [], unset: [] });
});

test("an earlier line wins over the caller's environment, which wins over nothing", () => {
  expect(parse("A=$CALLER\nCALLER=mine\nB=$CALLER\nCALLER=yours\nC=${CALLER}\n")).toMatchObject({
    env: { A: "from caller", B: "mine", CALLER: "yours", C: "yours" },
    faults: [],
  });
});

test("a bare name takes the caller's value, or is left out", () => {
  expect(parse("CALLER\nexport EMPTY\n  NOBODY  \nA=1\nMISSING")).toEqual({
    env: { CALLER: "from caller", EMPTY: "", A: "1" },
    faults: [],
    unset: [],
  });
});

test("a variable without a value and without a default is empty, and its line is named", () => {
  expect(parse('A=1\nB="$NOBODY\n${A}" # c\nC=pa$word\n')).toEqual({
    env: { A: "1", B: "\n1", C: "pa" },
    faults: [],
    unset: [
      { line: 2, name: "B" },
      { line: 4, name: "C" },
    ],
  });
});

test.each([
  [
    "A=1\nB=${NOBODY:?it must be set}\nC=2\n",
    [2, "the variable NOBODY has no value: it must be set"],
  ],
  ["A=${NOBODY?}\n", [1, "the variable NOBODY has no value"]],
  ["A=${EMPTY:?not empty}\n", [1, "the variable EMPTY has no value: not empty"]],
  ["A=${hidden\nB=${}\nC=${a.b}\nD=${1}\nE=${A:=x}\n", [1, 2, 3, 4, 5]],
  ["A=${X:-${Y}\n", [1]],
  ['A="\\0000"\n', [1, "a value with a NUL character"]],
])("%j has mistakes at their lines", (text, expected) => {
  const { faults } = parse(text);
  const invalid = "invalid variable after a dollar sign";
  const full = expected.every((part) => typeof part === "number")
    ? expected.flatMap((line) => [line, invalid])
    : expected;
  expect(faults).toEqual(full);
});
