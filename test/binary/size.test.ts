// What the executable holds beyond Bun is downloaded by everybody, and read from the disk at a start.
import { expect, test } from "bun:test";
import { installation } from "./support/reyns.ts";

test("the executable is little larger than Bun", async () => {
  const { executable } = await installation();
  const megabytes = (Bun.file(executable).size - Bun.file(process.execPath).size) / 1e6;
  expect(megabytes).toBeGreaterThan(5);
  expect(megabytes).toBeLessThan(14.5);
});
