// What is left of a new version that fails, and what the call says of it.
import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { runningIds } from "./support/engine.ts";
import { createProject } from "./support/project.ts";

setDefaultTimeout(240_000);

const define = (options: string): string => `import { project, service } from "reyns";
project("failed-replacement");
service("web", { image: "debian:bookworm-slim", init: true, ${options} });
`;
const serves = 'command: "exec sleep 600"';
const fails = 'command: "for i in $(seq 60); do echo line $i; done; exit 3"';

test("the whole log of a version that failed is kept until the instance is cleaned", async () => {
  await using shop = await createProject({ "reyns.ts": define(serves) });
  await shop.must("run all");
  await shop.write({ "reyns.ts": define(fails) });
  const { status, stderr } = await shop.reyns("run all");
  expect(stderr).toContain("error web-one: exited right after starting (status 3)\n");
  expect(stderr).toContain("| line 60\n");
  expect(stderr).toContain("the former version of web-one runs again");
  expect(stderr).toContain(
    "the new container of web-one was removed; its log: .reyns/failed/web-one.log\n",
  );
  expect(status).toBe(1);
  const file = join(shop.folder, ".reyns/failed/web-one.log");
  const lines = Array.from({ length: 60 }, (_, index) => `line ${index + 1}\n`);
  expect(await readFile(file, "utf8")).toBe(lines.join(""));
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await shop.must("clean web force");
  expect(existsSync(file)).toBeFalse();
});

test("a former container that cannot come back is what is kept, and not the new one", async () => {
  const mount = (file: string): string => `volumes: ["./${file}:/etc/own.conf"]`;
  await using shop = await createProject({
    "old.conf": "1",
    "reyns.ts": define(`${serves}, ${mount("old.conf")}`),
  });
  await shop.must("run all");
  await rename(join(shop.folder, "old.conf"), join(shop.folder, "new.conf"));
  await shop.write({ "reyns.ts": define(`${fails}, ${mount("new.conf")}`) });
  const { status, stderr } = await shop.reyns("run all");
  expect(stderr).toContain("error web-one: exited right after starting (status 3)\n");
  expect(stderr).toContain("the new container of web-one was removed; its log: .reyns/failed/");
  expect(stderr).toContain("error web-one: its former container could not be started again: ");
  expect(stderr).toContain("the instance is down, and its former container is kept, stopped");
  expect(stderr).not.toContain("kept for inspection");
  expect(status).toBe(1);
  expect(await runningIds(shop.folder)).toEqual({});
});
