import { expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";

const folder = join(import.meta.dir, "..");

/** The range of host ports that tests choose from; files run side by side. */
const hostPort = /\b28_?\d{3}\b/g;

test("each host port belongs to one test file", async () => {
  const users = new Map<string, Set<string>>();
  for await (const file of new Glob("{binary,engine}/*.test.ts").scan(folder)) {
    const text = await Bun.file(join(folder, file)).text();
    for (const [port] of text.matchAll(hostPort)) {
      const number = port.replace("_", "");
      users.set(number, (users.get(number) ?? new Set()).add(file));
    }
  }
  const shared = [...users].filter(([, files]) => files.size > 1);
  expect(shared.map(([port, files]) => [port, ...files])).toEqual([]);
  expect(users.size).toBeGreaterThan(10);
});
