// `run receipt=` and the files of the project: what is mounted has to be what was tested, in running containers too.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { TestReceipt } from "../../src/model/receipt.ts";
import { createProject } from "./support/project.ts";
import { writeReceiptOf } from "./support/receipts.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);
beforeAll(importSmallImage);

const script = (name: string, services: string): string => `
import { project, service, ready } from "reyns";
project("${name}");
const common = {
  image: "${smallImage}",
  command: ["sleep", "999"],
  stopSignal: "SIGKILL",
  ready: ready.started(),
};
${services}
`;

async function readReceipt(file: string): Promise<TestReceipt> {
  return (await Bun.file(file).json()) as TestReceipt;
}

test("a test with the project's folder mounted has a receipt of all its files, the first time too", async () => {
  const text = `
import { test, expect } from "reyns";
service("web", {
  ...common,
  volumes: [".:/srv:ro", "./site/cache:/srv/site/cache", "/etc/hostname:/name:ro", "rows:/rows"],
});
test("it has its page", async ({ exec }) => {
  expect((await exec("web", ["cat", "/srv/site/index.html"])).stdout).toContain("hello");
  await exec("web", ["sh", "-c", "echo 1 > /srv/site/cache"]);
});`;
  await using project = await createProject({
    "reyns.ts": script("receipts-whole", text),
    "site/index.html": "hello",
    "site/cache": "0",
    "host.conf": `{ "A": "1" }`,
  });
  expect(await project.must("test")).toContain("receipt: .reyns/receipts/");
  const [listed] = (await project.json("receipts")) as { file: string }[];
  const { files, instances } = await readReceipt(listed?.file ?? "");
  expect(Object.keys(files)).toContain("./reyns.ts");
  expect(Object.keys(files)).toContain("./site/index.html");
  expect(Object.keys(files).filter((path) => /host\.conf|\.reyns|data|cache/.test(path))).toEqual(
    [],
  );
  expect(instances[0]?.free).toContain("content of ./.reyns");
  expect(instances[0]?.free).toContain("content of ./host.conf");
  expect(instances[0]?.free).toContain("content of ./site/cache");
  expect(instances[0]?.free).toContain("content of /etc/hostname");
  await project.must("run all receipt=latest");
  await project.must("run all receipt=latest");
  await project.must("clean all force=True");
  await project.write({ "site/index.html": "hallo", "host.conf": `{ "A": "2" }` });
  const { status, stderr } = await project.reyns("run all receipt=latest");
  expect(status).toBe(1);
  expect(stderr).toContain("./site/index.html is not what was tested");
  expect(stderr).toContain("1 difference ");
});

test("an instance that has run since before a file was changed is a difference until it is restarted", async () => {
  const text = `service("web", { ...common, volumes: ["./site:/site:ro"] });
service("db", common);`;
  await using project = await createProject({
    "reyns.ts": script("receipts-older", text),
    "site/index.html": "hello",
  });
  await project.must("run all");
  const receipt = await writeReceiptOf(project.folder);
  await project.must(`run all receipt=${receipt}`);
  await project.write({ "site/index.html": "hallo" });
  await project.write({ "site/index.html": "hello" });
  const { status, stderr } = await project.reyns(`run all receipt=${receipt}`);
  expect(status).toBe(1);
  expect(stderr).toContain("web-one has run since before ./site/index.html was changed");
  expect(stderr).toContain("reyns rerun web one");
  expect(stderr).not.toContain("db-one");
  await project.must("rerun web one");
  await project.must(`run all receipt=${receipt}`);
});

test("the receipt of a group is one of what the group needs, too", async () => {
  const text = `const db = service("db", common);
service("web", { ...common, group: "front", after: [db] });
service("other", { ...common, group: "back" });
import { test } from "reyns";
test("it runs", async ({ exec }) => {
  await exec("web", ["true"]);
});`;
  await using project = await createProject({ "reyns.ts": script("receipts-group", text) });
  expect(await project.must("test group=front")).toContain("receipt: .reyns/receipts/");
  await project.must("run all group=front receipt=latest");
  const running = (await project.json("ps")) as { service: string }[];
  expect(running.map(({ service }) => service).toSorted()).toEqual(["db", "web"]);
});
