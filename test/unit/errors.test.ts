import { describe, expect, test } from "bun:test";
import { ReynsError, ReynsErrors, throwAll, withLater } from "../../src/errors.ts";
import { acceptedHint } from "../../src/lib/suggest.ts";
import { thrownBy } from "./support/project-folder.ts";

test("the exit status follows the code: usage 2, no Engine 3, Ctrl-C 130, else 1", () => {
  const codes = [
    "UNKNOWN_KEY",
    "INVALID_PROJECT",
    "NO_ENGINE",
    "INTERRUPTED",
    "BUILD_FAILED",
  ] as const;
  expect(codes.map((code) => new ReynsError(code, "").exitStatus)).toEqual([2, 2, 3, 130, 1]);
  const both = new ReynsErrors([
    new ReynsError("START_FAILED", "a"),
    new ReynsError("NO_ENGINE", "b"),
  ]);
  expect(both).toMatchObject({ exitStatus: 3, message: "a\nb" });
});

test("a cause is kept, what is not given stays out", () => {
  const cause = new Error("why");
  expect(new ReynsError("NO_ENGINE", "x", { cause, hint: "h", output: ["l"] })).toMatchObject({
    cause,
    hint: "h",
    output: ["l"],
    at: undefined,
  });
  expect("cause" in new ReynsError("NO_ENGINE", "x")).toBe(false);
});

test("what fails later hides no failure, is no failure twice, and hides no defect", () => {
  const [one, same, two] = ["a", "a", "b"].map((text) => new ReynsError("START_FAILED", text));
  const defect = new TypeError("c");
  expect(withLater(one, two)).toMatchObject({ errors: [one, two] });
  expect(withLater(one, same)).toBe(one);
  expect(withLater(one, defect)).toBe(defect);
  expect(withLater(defect, two)).toBe(defect);
});

test("throwAll throws nothing, the one, or all", () => {
  const one = new ReynsError("UNEXPECTED_ARGUMENT", "a");
  const two = new ReynsError("UNEXPECTED_ARGUMENT", "b");
  expect(thrownBy(() => throwAll([]))).toEqual([]);
  expect(() => throwAll([one])).toThrow(one);
  expect(() => throwAll([one, two])).toThrow(ReynsErrors);
  expect(thrownBy(() => throwAll([one, two]))).toEqual([one, two]);
});

describe("a hint names the nearest word", () => {
  const cases: [string, string[], string][] = [
    ["dmo", ["demo", "db"], 'did you mean "demo"? accepted: demo, db'],
    ["DEMO", ["moor", "demo"], 'did you mean "demo"? accepted: moor, demo'],
    ["biuld", ["build", "run"], 'did you mean "build"? accepted: build, run'],
    ["wbe", ["db", "web"], 'did you mean "web"? accepted: db, web'],
    ["unrelated", ["demo", "db"], "accepted: demo, db"],
    ["up", ["ps", "rm"], "accepted: ps, rm"],
    ["", ["ps"], "accepted: ps"],
    ["x", [], "there are none"],
  ];
  test.each(cases)("%j of %j", (word, accepted, hint) =>
    expect(acceptedHint(word, new Set(accepted))).toBe(hint),
  );
});
