import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Project } from "./support/project.ts";
import { ask, createRouted, routedScript, type RouterPorts } from "./support/router.ts";
import { freePort } from "./support/free-port.ts";

setDefaultTimeout(240_000);

const name = "rollback-routes";
const body = (version: string, host: string): string =>
  `serve("web", { env: { NAME: "${version}" }, route: { host: "${host}.localhost", port: 3000 } });
   serve("api", { route: { host: "api.localhost", port: 3000 } });`;

let ports: RouterPorts;
let shop: Project;
beforeAll(async () => {
  ports = { http: await freePort(), https: await freePort() };
  shop = await createRouted(name, ports, body("first", "old"));
  await shop.must("run all");
  await shop.write({ "reyns.ts": routedScript(name, ports, body("second", "new")) });
  await shop.must("run all");
});
afterAll(() => shop?.[Symbol.asyncDispose]());

/** What answers for a host: the name of an instance, or a status. */
async function answerOf(host: string): Promise<string | number> {
  const { status, body: text } = await fetch(`http://127.0.0.1:${ports.http}/`, {
    headers: { host: `${host}.localhost` },
  }).then(async (answer) => ({ status: answer.status, body: await answer.text() }));
  return status === 200 ? (JSON.parse(text) as { name: string }).name : status;
}

test("a rollback brings back the route of its version, and the next run that of the definition", async () => {
  expect(await answerOf("new")).toBe("second");
  expect(await answerOf("old")).toBe(404);
  await shop.must("rollback web");
  expect(await answerOf("old")).toBe("first");
  expect(await answerOf("new")).toBe(404);
  expect((await ask(ports, "api.localhost")).name).toBe("api-one");
  expect(await shop.json("routes")).toMatchObject([
    { host: "api.localhost", upstreams: [{ service: "api" }] },
    { host: "old.localhost", upstreams: [{ service: "web" }] },
  ]);

  await shop.must("run all");
  expect(await answerOf("new")).toBe("second");
  expect(await answerOf("old")).toBe(404);
  expect(await shop.json("plan")).toMatchObject({ actions: [] });
});

test("a rollback leaves the routes of other services as they are served, not as the file has them", async () => {
  const edited = body("third", "later").replace("api.localhost", "moved.localhost");
  await shop.write({ "reyns.ts": routedScript(name, ports, edited) });
  await shop.must("rollback web to=1");
  expect(await answerOf("old")).toBe("first");
  expect(await answerOf("api")).toBe("api-one");
  expect(await answerOf("moved")).toBe(404);
});

test("a rollback to other routes changes nothing while the definition has mistakes", async () => {
  const before = await answerOf("old");
  await shop.write({ "reyns.ts": `${routedScript(name, ports, "")}\nserve(` });
  const { status, stderr } = await shop.reyns("rollback web to=2");
  expect(status).toBe(2);
  expect(stderr).toContain("the earlier version has other routes");
  expect(stderr).toContain("reyns.ts:");
  expect(await answerOf("old")).toBe(before);
});
