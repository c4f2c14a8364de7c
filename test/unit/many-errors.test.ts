import { afterEach, expect, spyOn, test } from "bun:test";
import { ReynsError, ReynsErrors } from "../../src/errors.ts";
import { log } from "../../src/ui/output/log.ts";
import { reportError } from "../../src/ui/views/error-report.ts";

const logged = spyOn(log, "error").mockImplementation(Object.assign(() => {}, { raw: () => {} }));
afterEach(() => void logged.mockClear());

const mistakes = (count: number): ReynsErrors =>
  new ReynsErrors(
    Array.from({ length: count }, (_, index) => new ReynsError("INVALID_PROJECT", `no. ${index}`)),
  );

test.each([
  [20, "no. 19"],
  [21, "and 1 more error"],
  [1000, "and 980 more errors"],
])("of %i mistakes at most twenty are reported", (count, last) => {
  expect(reportError(mistakes(count), false)).toBe(2);
  expect(logged).toHaveBeenCalledTimes(Math.min(count, 21));
  expect(logged.mock.lastCall?.[0] as unknown).toBe(last);
});
