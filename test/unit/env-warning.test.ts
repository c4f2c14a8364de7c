import { expect, test } from "bun:test";
import { envWarning } from "../../src/cli/commands/run/options.ts";

test("run all env=… warns of the instances that it changes", () => {
  const wanted = { service: "all", env: { MODE: "cli" }, oneOff: undefined };
  expect(envWarning(wanted, ["web-one", "db-one"])).toStartWith(
    "env sets MODE in all 2 instances, and replaces those in which it differs: web-one, db-one;",
  );
  expect(envWarning({ ...wanted, service: "web" }, ["web-one", "web-two"])).toBeUndefined();
  expect(envWarning({ ...wanted, env: {} }, ["web-one", "db-one"])).toBeUndefined();
});
