// Copies that begin with the data of another one, and copies whose time is over.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { must } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);
beforeAll(importSmallImage);

const files = {
  // cp alone is what an image has to have for it.
  "services/db/Dockerfile": `FROM ${smallImage}\nRUN ["busybox", "ln", "-s", "busybox", "/bin/cp"]\n`,
  "reyns.ts": `import { project, ready, service, volume } from "reyns";
project("cloned");
volume("named", { name: "cloned-named-${process.pid}" });
service("db", { init: true, stopSignal: "SIGKILL", ready: ready.started(), volumes: ["store:/store", "named:/named", "./data_cloned/own:/own"] });
`,
};

function inDb(project: Project, copy: string, script: string): Promise<string> {
  return project.must(["shell", "db", `copy=${copy}`, "--", script]);
}

const paths = ["/store", "/named", "/own"];
const write = paths.map(
  (path) =>
    `echo $0 > ${path}/file; busybox chown 1234:99 ${path}/file; busybox chmod 640 ${path}/file`,
);
const read = `for path in ${paths.join(" ")}; do cat $path/file; busybox stat -c '%u:%g %a' $path/file; done`;

/** What the files of a copy say, with their owner and mode. */
const holding = (text: string): string => paths.map(() => `${text}\n1234:99 640`).join("\n");

test("a new copy begins with the data of another one, and each goes on by itself", async () => {
  await using shop = await createProject(files);
  await shop.must("build all");
  await shop.must("run all yes");
  await inDb(shop, "main", write.join("; ").replaceAll("$0", "first"));
  const cloned = await shop.reyns("run all copy=one from=main");
  expect(cloned).toMatchObject({ status: 0 });
  expect(cloned.stderr).toContain("one begins with the data of main");
  expect(await inDb(shop, "one", read)).toBe(holding("first"));

  await inDb(shop, "one", write.join("; ").replaceAll("$0", "second"));
  await shop.must("run all copy=two from=one");
  expect(await inDb(shop, "two", read)).toBe(holding("second"));
  expect(await inDb(shop, "main", read)).toBe(holding("first"));

  // The same call again leaves what was written since.
  await shop.must("run all copy=one from=main");
  expect(await inDb(shop, "one", read)).toBe(holding("second"));

  const [db] = (await shop.json("ps db")) as { state: string }[];
  expect(db?.state).toBe("running");

  const wrong = [
    ["run all copy=one from=two", "the copy one has data of its own"],
    ["run all copy=three from=none", 'this project has no copy "none"'],
    ["run all copy=three from=three", "cannot begin with its own data"],
    ["run all from=one", "ttl and from are for copies"],
    ["run all copy=three ttl=soon", 'ttl is "soon"'],
    ["run all copy=three ttl=0s", 'ttl is "0s"'],
  ] as const;
  for (const [line, message] of wrong) {
    const { status, stderr } = await shop.reyns(line);
    expect([line, status]).toEqual([line, 2]);
    expect(stderr).toContain(message);
  }
});

test("a copy whose time is over is removed by the next command of the project", async () => {
  await using shop = await createProject(files);
  await shop.must("build all");
  await shop.must("run all copy=long ttl=3d");
  await shop.must("run all copy=short ttl=1s");
  await Bun.sleep(1100);
  const { status, stdout, stderr } = await shop.reyns("copies --json");
  expect(status).toBe(0);
  expect(stderr).toContain("the time of the copy short is over");
  expect(stderr).toContain("removed the copy short");
  const left = JSON.parse(stdout) as { name: string; createdAt: string; expiresAt: string }[];
  expect(left.map(({ name }) => name)).toEqual(["long"]);
  const [long] = left;
  const lasts = Date.parse(long?.expiresAt ?? "") - Date.parse(long?.createdAt ?? "");
  expect(Math.round(lasts / 3_600_000)).toBe(72);
  const label = `label=io.reyns.folder=${shop.folder}//copy:short`;
  for (const kind of ["container", "volume", "network"])
    expect(await must("docker", kind, "ls", "-q", "--filter", label)).toBe("");
  expect(existsSync(join(shop.folder, ".reyns/copies/short"))).toBe(false);

  await shop.must("run all copy=long ttl=none");
  const kept = (await shop.json("copies")) as { expiresAt: string | null }[];
  expect(kept.map(({ expiresAt }) => expiresAt)).toEqual([null]);
});
