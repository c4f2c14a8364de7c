import { afterEach, expect, spyOn, test } from "bun:test";
import { ReynsError, ReynsErrors } from "../../src/errors.ts";
import { log } from "../../src/ui/output/log.ts";
import { reportError } from "../../src/ui/views/error-report.ts";
import { projectFolder } from "./support/project-folder.ts";

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

test("a mistake in options that services share is reported once, also where only one conf is read", async () => {
  const script = `import { service } from "reyns";
const shared = { image: "busybox", imge: "x", restart: "sometimes" };
for (const name of ["web", "api"]) service(name, { ...shared, cpu: 2 });
service("db", { ...shared });`;
  await using project = await projectFolder({ "reyns.ts": script });
  const found = await project.mistakes();
  expect(found.map((mistake) => mistake.split(" | ")[0] ?? "")).toEqual([
    'reyns.ts:2:36 unknown key "imge"',
    'reyns.ts:2:47 restart is "sometimes"',
    'reyns.ts:3:63 unknown key "cpu"',
  ]);
});
