// Docker's commands on instances: kill, pause, unpause, wait, port, top, stats, events, ls.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must, until } from "../engine/support/images-container.ts";
import { containerIds } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { call } from "./support/reyns.ts";
import { openTerminal } from "./support/terminal.ts";

setDefaultTimeout(240_000);

let shop: Project;

/** Says when it gets SIGHUP, and uses a processor while /busy is there: other files need it as well. */
const loop = "while :; do [ -e /busy ] || sleep 0.2; done";
const script = `trap "echo reloaded" HUP; ${loop}`;

beforeAll(async () => {
  shop = await createProject({
    "reyns.ts": `import { project, ready, service } from "reyns";
project("shop");
const settings = { image: "debian:bookworm-slim", init: true, ready: ready.file("/etc/hostname") };
service("web", { ...settings, command: ["sh", "-c", ${JSON.stringify(script)}], ports: ["127.0.0.1:28583:80", "127.0.0.1:28584:53/udp"] });
service("db", { ...settings, instance: "one", command: ["sleep", "600"] });
service("db", { ...settings, instance: "two", command: ["sleep", "600"] });
`,
  });
  await shop.must("run all");
});
afterAll(() => shop?.[Symbol.asyncDispose]());

async function stateOf(host: string): Promise<string | undefined> {
  const shown = (await shop.json("ps all")) as { hostname: string; state: string }[];
  return shown.find(({ hostname }) => hostname === host)?.state;
}

test("kill signal=HUP reaches the process, which goes on", async () => {
  expect((await shop.reyns("kill web signal=hup")).stderr).toBe("web-one received SIGHUP\n");
  await until("the log", async () => (await shop.must("logs web")).includes("reloaded"));
  expect(await stateOf("web-one")).toBe("running");
});

test("kill ends all instances of a service, says so, and has nothing to do then", async () => {
  const { status, stderr } = await shop.reyns("kill db");
  expect({ status, lines: stderr.trim().split("\n").toSorted() }).toEqual({
    status: 0,
    lines: ["db-one received SIGKILL", "db-two received SIGKILL"],
  });
  for (const host of ["db-one", "db-two"])
    await until(`the end of ${host}`, async () => (await stateOf(host)) === "exited");
  expect((await shop.reyns("kill db")).stderr).toBe("nothing to signal: nothing is running\n");
  await shop.must("run all");
});

test("kill names a signal that does not exist, with the nearest", async () => {
  const { status, stderr } = await shop.reyns("kill web signal=HUB");
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: 'error signal is "HUB"\n      did you mean "SIGHUP"?\n',
  });
});

test("pause freezes an instance, and unpause lets it go on", async () => {
  const paused = (await shop.json("pause db one")) as object[];
  expect(paused).toMatchObject([{ hostname: "db-one", state: "paused" }]);
  expect(await stateOf("db-two")).toBe("running");
  expect((await shop.reyns("pause db one")).stderr).toBe("nothing to pause: nothing is running\n");
  expect((await shop.reyns("unpause all")).stderr).toBe("db-one continues\n");
  expect(await stateOf("db-one")).toBe("running");
});

test("wait prints the status of what ends, and exits with it", async () => {
  const waiting = await call(shop.folder, "wait db one");
  await shop.must("ps");
  await shop.must("kill db one");
  expect(await waiting.output).toMatchObject({ status: 137, stdout: "137\n" });
  const both = call(shop.folder, "wait db json");
  await shop.must("kill db two");
  expect(JSON.parse((await (await both).output).stdout)).toEqual([
    { service: "db", instance: "one", exitCode: 137 },
    { service: "db", instance: "two", exitCode: 137 },
  ]);
  await shop.must("run all");
});

test("port and info print where a port is published", async () => {
  expect(await shop.must("info web one")).toMatch(/^ports +.*127\.0\.0\.1:28583/m);
  expect(await shop.must("port web 80")).toBe("127.0.0.1:28583");
  expect(await shop.must("port web one 53/udp")).toBe("127.0.0.1:28584");
  expect((await shop.must("port web")).split("\n").toSorted()).toEqual([
    "53/udp -> 127.0.0.1:28584",
    "80/tcp -> 127.0.0.1:28583",
  ]);
  expect(await shop.json("port web 80")).toEqual([
    { container: 80, protocol: "tcp", address: "127.0.0.1:28583" },
  ]);
});

test("port names what is published instead, and how to publish a port", async () => {
  const other = await shop.reyns("port web 81");
  expect(other.status).toBe(1);
  expect(other.stderr).toStartWith("error web-one publishes no port 81\n      published: ");
  const none = await shop.reyns("port db one 5432");
  expect(none.stderr).toBe(
    'error db-one publishes no port\n      publish it in reyns.ts: service("db", { ports: ["5432"] })\n',
  );
  expect(await shop.reyns("port web eighty 80x")).toMatchObject({ status: 2 });
});

test("top lists the processes of an image without a ps of its own", async () => {
  const shown = await shop.must("top web");
  expect(shown).toStartWith("web-one\nUID ");
  expect(shown).toContain(loop);
  const [one] = (await shop.json("top web")) as { processes: { cmd: string }[] }[];
  expect(one?.processes.map(({ cmd }) => cmd).join("\n")).toContain(loop);
});

test("stats tells who uses a processor", async () => {
  type Usages = { service: string; cpus: number; memory: number }[];
  await shop.must("shell web -- touch /busy");
  const usages = (await shop.json("stats")) as Usages;
  expect(usages).toHaveLength(3);
  // A busy machine has little to give at times.
  await until("web to use most", async () => {
    const found = (await shop.json("stats")) as Usages;
    const cpusOf = (name: string): number =>
      found.find(({ service }) => service === name)?.cpus ?? -1;
    return cpusOf("web") > 0.05 && cpusOf("web") > cpusOf("db") * 5;
  });
  await shop.must("shell web -- rm /busy");
  expect(usages.every(({ memory }) => memory > 0)).toBe(true);
  expect(await shop.must("stats db")).toMatch(/^INSTANCE +CPU +MEMORY[^]*\ndb-two +\d+\.\d %/);
});

test("stats leaves the notice that it takes a second above its table on a terminal", async () => {
  await using terminal = await openTerminal({ folder: shop.folder });
  expect(await terminal.run("reyns stats db")).toMatch(/^INSTANCE +CPU/);
  expect(await terminal.bytes()).toContain("asking the Engine");
});

test("stats follow json prints a document a line, and ends with Ctrl-C", async () => {
  const going = await call(shop.folder, "stats db one follow json");
  await until("a document", async () => going.written().includes("\n"));
  going.interrupt();
  const lines = (await going.output).stdout.trim().split("\n");
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines)
    expect(JSON.parse(line)).toMatchObject({ service: "db", instance: "one" });
});

test("events prints what happens to an instance, without the commands that run in it", async () => {
  const from = new Date().toISOString();
  const [id = ""] = await containerIds(shop.folder, "two");
  const words = ["events", "db", "two", `since=${from}`, "json"];
  // An Engine remembers the last 256 events of all: those of other tests would push ours out.
  const following = await call(shop.folder, words);
  const eventsIn = (text: string): { action: string }[] =>
    text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
  await until("a restart", async () => {
    await must("docker", "exec", id, "true");
    await shop.must("restart db two");
    const actions = following.written();
    return actions.includes('"die"') && actions.lastIndexOf('"start"') > actions.indexOf('"die"');
  });
  following.interrupt();
  const events = eventsIn((await following.output).stdout);
  const actions = events.map(({ action }) => action);
  expect(actions.indexOf("die")).toBeLessThan(actions.lastIndexOf("start"));
  expect(actions.some((action) => action.startsWith("exec"))).toBe(false);
  expect(events[0]).toMatchObject({ service: "db", instance: "two", id: id.slice(0, 12) });
  const past = await until("past events", async () => {
    const found = eventsIn(await shop.must([...words, "until=0s"]));
    if (found.length === 0) await shop.must("restart db two");
    return found.length > 0 && found;
  });
  for (const event of past || []) expect(event).toMatchObject({ service: "db", instance: "two" });
});

test("ls lists the project, from any folder", async () => {
  await using elsewhere = await createProject({}, { offline: true });
  const projects = (await elsewhere.json("ls")) as { folder: string }[];
  expect(projects.find(({ folder }) => folder === shop.folder)).toMatchObject({
    name: "shop",
    running: 3,
    stopped: 0,
  });
  // The column COPY is there while any project of the Engine has a copy.
  expect(await shop.must("ls")).toMatch(/^PROJECT +(?:COPY +)?INSTANCES +AGE +FOLDER\n/);
});
