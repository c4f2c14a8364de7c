// A call that is killed while a routed instance is replaced: the next one completes it, and no request is lost.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { provideBaseImages } from "../engine/support/base-images.ts";
import { must, until } from "../engine/support/images-container.ts";
import { openRelay, type Relay, type Rules, type Treatment } from "./support/relay.ts";
import { call, type Call } from "./support/reyns.ts";
import { ask, createRouted, keepAsking, openSocket, type RoutedProject } from "./support/routed.ts";

setDefaultTimeout(240_000);

let shop: RoutedProject;
let version = 1;

beforeAll(async () => {
  await provideBaseImages();
  shop = await createRouted("interrupted-start-first");
  await shop.must("run all");
});
afterAll(() => shop[Symbol.asyncDispose]());

interface Going extends AsyncDisposable {
  readonly call: Call;
  readonly relay: Relay;
}

async function start(line: string, rules: Rules = {}): Promise<Going> {
  const relay = await openRelay(rules);
  return {
    relay,
    call: await call(shop.folder, line, { env: { DOCKER_HOST: relay.host } }),
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  };
}

/** Names of the containers of the instance, without the project's. */
async function containers(): Promise<string[]> {
  const filters = ["--filter", `label=io.reyns.folder=${shop.folder}`];
  const names = await must("docker", "ps", "-a", ...filters, "--format", "{{.Names}}");
  return names
    .split("\n")
    .filter((name) => name.includes("-web-one"))
    .map((name) => name.replace(/^.*-web-one/, "web-one"))
    .toSorted();
}

async function runningIds(): Promise<string[]> {
  const filters = ["--filter", `label=io.reyns.folder=${shop.folder}`, "--filter", "name=-web-one"];
  return (await must("docker", "ps", "-q", ...filters)).split("\n").filter(Boolean);
}

/** Both containers run afterwards. */
async function killWhileStarting(): Promise<void> {
  await using going = await start("run all");
  await until("both to run", async () => (await runningIds()).length === 2);
  going.call.kill("SIGKILL");
  await going.call.output;
}

const isCreate = /^POST \S*\/containers\/create/;
const isStart = /^POST \S*\/containers\/\w+\/start/;
const isRename = /^POST \S*\/rename\?/;
const isExec = /^POST \S*\/exec/;
const isStop = /^POST \S*\/containers\/\w+\/stop/;
const isRemoval = /^DELETE \S*\/containers\/\w+/;

test.each([
  ["creates the new container", isCreate, 1],
  ["starts it", isStart, 1],
  ["renames the former one", isRename, 1],
  ["gives its name to the new one", isRename, 2],
  ["tells the router", isExec, 1],
  ["waits for the former one to end what it has begun", isExec, 3],
  ["stops the former one", isStop, 1],
  ["removes the former one", isRemoval, 1],
] as const)(
  "a call that is killed when it %s is completed by the next one",
  async (_, moment, count) => {
    version += 1;
    await shop.define(version);
    await using load = keepAsking(shop.port);
    const socket = count === 3 ? await openSocket(shop.port) : undefined;
    {
      await using going = await start("run all");
      const begun = (): number => going.relay.requests.filter((line) => moment.test(line)).length;
      await until(`${moment} ${count} times`, async () => begun() >= count);
      going.call.kill("SIGKILL");
      await going.call.output;
    }
    socket?.close();
    await shop.must("run all");
    expect(await containers()).toEqual(["web-one"]);
    expect(await ask(shop.port, "/")).toMatchObject({ status: 200, body: String(version) });
    expect(load.failures()).toEqual([]);
    expect((await shop.reyns("run all")).stderr).toContain("up to date");
  },
);

test("an Engine that starts again in the middle leaves what the next call completes", async () => {
  version += 1;
  await shop.define(version, 'restart: "always", ready: ready.tcp(9), timeout: 600');
  await killWhileStarting();
  // What an Engine does to containers without a restart policy.
  const ids = await runningIds();
  await must("docker", "kill", ...ids);
  await shop.define(version);
  await shop.must("run all");
  expect(await containers()).toEqual(["web-one"]);
  expect(await ask(shop.port, "/")).toMatchObject({ status: 200, body: String(version) });
});

test.each([
  ["becomes ready", "pass"],
  ["starts", 2000],
] as const)(
  "Ctrl-C while the new container %s removes it, and the former one serves",
  async (_, treatment) => {
    await shop.define(version + 1, "ready: ready.tcp(9), timeout: 600");
    await using load = keepAsking(shop.port);
    const request = (text: string): Treatment => (isStart.test(text) ? treatment : "pass");
    await using going = await start("run all", { request });
    await until("it to wait", async () => going.relay.requests.some((line) => isStart.test(line)));
    going.call.interrupt();
    const { status, stderr } = await going.call.output;
    expect(stderr).toContain("not replaced, the former version runs again: web-one");
    expect(status).toBe(130);
    expect(await containers()).toEqual(["web-one"]);
    expect(await ask(shop.port, "/")).toMatchObject({ status: 200, body: String(version) });
    expect(load.failures()).toEqual([]);
  },
);

test("Ctrl-C while the former container ends what it has begun waits for that", async () => {
  version += 1;
  await shop.define(version, 'drain: "5m"');
  const socket = await openSocket(shop.port);
  await using going = await start("run all");
  await until("the new one to serve", async () => {
    const { body } = await ask(shop.port, "/");
    return body === String(version);
  });
  going.call.interrupt();
  const isOver = going.call.output.then(() => true);
  expect(await Promise.race([isOver, Bun.sleep(3000).then(() => false)])).toBe(false);
  expect(await socket.echo("here")).toEndWith(" here");
  socket.close();
  const { stderr } = await going.call.output;
  expect(stderr).toContain("waiting until one of its two containers has stopped");
  expect(await containers()).toEqual(["web-one"]);
});

test.each(["stop web", "clean web"])("%s removes what a killed call has left", async (line) => {
  version += 1;
  await shop.define(version, "ready: ready.tcp(9), timeout: 600");
  await killWhileStarting();
  expect(await containers()).toEqual(["web-one", "web-one.next"]);
  await shop.must(line);
  expect(await containers()).toEqual(line === "stop web" ? ["web-one"] : []);
  await shop.define(version);
  await shop.must("run all");
});
