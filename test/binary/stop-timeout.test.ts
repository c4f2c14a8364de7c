// The time that instances have to end, given in the call. They ignore SIGTERM, and have longer than this test by themselves.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

let shop: Project;

beforeAll(async () => {
  shop = await createProject({
    "reyns.ts": `import { project, ready, service } from "reyns";
project("shop");
service("deaf", {
  image: "debian:bookworm-slim",
  command: ["sh", "-c", "trap : TERM; while :; do sleep 1; done"],
  stopGracePeriod: "300s",
  ready: ready.started(),
});
`,
  });
  await shop.must("run all");
});
afterAll(async () => {
  await shop?.reyns("clean all force timeout=0");
  await shop?.[Symbol.asyncDispose]();
});

test("stop and restart kill what has not ended by then", async () => {
  const stopped = (await shop.json("stop deaf timeout=1")) as object[];
  expect(stopped).toMatchObject([{ state: "exited", exitCode: 137 }]);
  await shop.must("start deaf");
  const restarted = (await shop.json("restart all -t 0")) as object[];
  expect(restarted).toMatchObject([{ state: "running" }]);
  expect(await shop.reyns("stop all timeout=soon")).toMatchObject({ status: 2 });
});

test("clean kills what has not ended by then", async () => {
  await shop.must("run all");
  await shop.must("clean deaf -t 1");
  expect(await shop.json("ps all")).toEqual([]);
});
