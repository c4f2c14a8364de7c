// What goes wrong in a router, or beside it, costs nothing of what it serves.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must, run, until } from "../engine/support/images-container.ts";
import type { Project } from "./support/project.ts";
import { containerOf } from "./support/reach.ts";
import { call } from "./support/reyns.ts";
import { ask, createRouted, echo, openSocket, routedScript } from "./support/router.ts";

setDefaultTimeout(240_000);

const ports = { http: 18_714, https: 18_715 };
/** An Engine that others use as well has more time here than a person would give it. */
const patient = { env: { ENGINE_TIMEOUT: "30" } };
const refused = "/run/reyns-router/admin/refused";
const folder = "/var/lib/caddy/router";
const web = `import { ready } from "reyns";
serve("web", { ready: ready.command("test ! -e /tmp/stuck"),
  route: { host: "web.localhost", port: 3000 } });`;
const late = (route: string): string => [web, `serve("late", { ${route} });`].join("\n");

let shop: Project;
let router: string;
beforeAll(async () => {
  shop = await createRouted("routed-troubles", ports, late(""));
  await shop.must("run all");
  router = await containerOf(shop.folder, "reyns-router");
});
afterAll(() => shop?.[Symbol.asyncDispose]());

const inRouter = (...words: string[]): Promise<string> => must("docker", "exec", router, ...words);

const isServed = async (): Promise<boolean> => {
  const answer = await ask(ports, "web.localhost").catch(() => undefined);
  return answer?.name === "web-one";
};

function configure(input: string): { readonly exitCode: number; readonly stderr: string } {
  const command = ["docker", "exec", "-i", router, "/usr/lib/reyns/router", "configure"];
  const { exitCode, stderr } = Bun.spawnSync(command, { stdin: Buffer.from(input) });
  return { exitCode, stderr: stderr.toString() };
}

test("a configuration that Caddy refuses changes nothing", async () => {
  const before = await inRouter("cat", `${folder}/served`);
  const id = await containerOf(shop.folder, "web");
  const input = `web-one r9 ${id.slice(0, 12)} 3000\n\n{"apps":{"nothing":{}}}\n`;
  const { exitCode, stderr } = configure(input);
  expect(stderr).toContain("Caddy refuses its configuration");
  expect(exitCode).toBe(1);
  expect(await inRouter("cat", `${folder}/served`)).toBe(before);
  expect(await inRouter("cat", "/run/reyns-router/upstreams.zone")).not.toMatch(/^r9 /m);
  expect(await isServed()).toBe(true);
});

test("Caddy starts without a configuration that it refuses by now, and takes the next one", async () => {
  const served = await inRouter("cat", `${folder}/served`);
  const spoil = `echo '{"apps":{"nothing":{}}}' > ${folder}/config.json; kill -9 $(pidof caddy)`;
  await inRouter("sh", "-c", spoil);
  await until("Caddy to run without it", async () => {
    const { stdout, stderr } = await run(["docker", "logs", router]);
    return `${stdout}${stderr}`.includes("Caddy refuses its last configuration");
  });
  // It says so before it listens.
  await until("Caddy to take one", async () => configure(`${served}\n`).exitCode === 0);
  expect(await isServed()).toBe(true);
});

test("routes that Caddy refused when it started are planned again, and the next run brings them back", async () => {
  const spoil = `echo '{"apps":{"nothing":{}}}' > ${folder}/config.json; kill -9 $(pidof caddy)`;
  await inRouter("sh", "-c", spoil);
  await until("Caddy to run without it", async () => {
    const { status } = await run(["docker", "exec", router, "test", "-e", refused]);
    return status === 0;
  });
  expect((await shop.reyns("routes")).stderr).toContain("Caddy refused its routes");
  expect((await shop.reyns("doctor", patient)).stdout).toContain("Caddy refused its routes");
  expect(await shop.json("plan")).toMatchObject({
    actions: [{ name: "routes", reason: "Caddy refused them when the router started" }],
  });
  await shop.must("run all");
  expect(await isServed()).toBe(true);
  expect(await shop.json("plan")).toMatchObject({ actions: [] });
});

test("Caddy's user can put nothing in the place of the files that root writes", async () => {
  const asCaddy = ["docker", "exec", "-u", "caddy", router];
  for (const words of [
    ["mv", folder, `${folder}-away`],
    ["ln", "-s", "/etc/passwd", `${folder}/served.new`],
    ["ln", "-s", "/etc/passwd", `${folder}/upstreams/web-one.new`],
  ])
    expect((await run([...asCaddy, ...words])).status).not.toBe(0);
  await must(...asCaddy, "cat", `${folder}/config.json`);
});

test("a router takes over a volume on which Caddy's user owns the files, as an earlier image made it", async () => {
  const before = await inRouter("cat", `${folder}/served`);
  const link = `ln -s /etc/passwd ${folder}/served.new`;
  await inRouter("sh", "-c", `chown -R caddy:caddy /var/lib/caddy; chmod 755 ${folder}; ${link}`);
  await must("docker", "restart", "--time", "5", router);
  await until("the router to serve", isServed);
  const owners = await inRouter("stat", "--format", "%U %a", "/var/lib/caddy", folder);
  expect(owners).toBe("root 1770\nroot 750");
  expect(await inRouter("ls", folder)).not.toContain("served.new");
  expect(await inRouter("cat", `${folder}/served`)).toBe(before);
  expect(await shop.json("plan")).toMatchObject({ actions: [] });
});

test("an instance that does not become ready when it is restarted gets its requests again", async () => {
  const id = await containerOf(shop.folder, "web");
  await must("docker", "exec", id, "touch", "/tmp/stuck");
  const { status } = await shop.reyns("restart web timeout=2");
  await must("docker", "exec", id, "rm", "/tmp/stuck");
  expect(status).toBe(1);
  await until("the instance to serve", isServed);
});

test("an instance that is older than its route leaves the router before it stops", async () => {
  const id = await containerOf(shop.folder, "late");
  const script = late('route: { host: "late.localhost", port: 3000 }');
  await shop.write({ "reyns.ts": routedScript("routed-troubles", ports, script) });
  await shop.must("run all");
  expect(await containerOf(shop.folder, "late")).toBe(id);
  expect((await ask(ports, "late.localhost")).name).toBe("late-one");
  await shop.must("stop late");
  expect(await inRouter("ls", `${folder}/upstreams`)).toBe("late-one.out\nweb-one");
});

test("a paused instance ends its requests first, gets no new ones, and gets them again when it goes on", async () => {
  const lines = async (): Promise<string> => {
    const zone = await inRouter("cat", "/run/reyns-router/upstreams.zone");
    const id = await containerOf(shop.folder, "web");
    return zone
      .split("\n")
      .filter((line) => line.includes(id.slice(0, 12)))
      .join();
  };
  const before = await lines();
  expect(before).not.toBe("");
  const slow = ask(ports, "web.localhost", "/slow");
  await Bun.sleep(300);
  await shop.must("pause web");
  expect((await slow).name).toBe("web-one");
  expect(await lines()).toBe("");
  // Another call does not tell the router otherwise.
  await shop.must("run late");
  expect(await lines()).toBe("");
  expect((await shop.reyns("unpause web")).stderr).toContain("web-one ready");
  expect(await lines()).toBe(before);
  expect(await isServed()).toBe(true);

  await shop.must("pause web");
  await shop.must("pause all");
  await shop.must("unpause all");
  expect(await lines()).toBe(before);
});

test("an interrupted pause sends requests to the instance again", async () => {
  const socket = await openSocket(ports, "web.localhost");
  const pausing = await call(shop.folder, "pause web");
  const isOut = async (): Promise<boolean> =>
    (await inRouter("ls", `${folder}/upstreams`)).includes("web-one.out");
  await until("the router to send it nothing", isOut);
  pausing.kill("SIGINT");
  const { status, stderr } = await pausing.output;
  expect({ status, stderr }).toEqual({
    status: 130,
    stderr: "error web-one: interrupted; it was not paused\n",
  });
  expect(await isOut()).toBe(false);
  expect(await isServed()).toBe(true);
  expect(await echo(socket, "awake")).toBe("web-one awake");
  socket.close();
});

test("a pause says how many requests wait for its end", async () => {
  const socket = await openSocket(ports, "web.localhost");
  const { status, stderr } = await shop.reyns("pause web");
  expect(status).toBe(0);
  expect(stderr).toContain("web-one: paused with 1 request still open");
  await shop.must("start web");
  expect(await echo(socket, "awake")).toBe("web-one awake");
  socket.close();
});
