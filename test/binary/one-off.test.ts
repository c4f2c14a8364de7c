// What reyns run SERVICE -- COMMAND passes on and what it leaves, where it reads, writes and is broken off.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { must, run, until } from "../engine/support/images-container.ts";
import { createProject, listOwned, type Project } from "./support/project.ts";
import { openRelay } from "./support/relay.ts";
import { call, installation, withoutProgress, type Call } from "./support/reyns.ts";
import { openTerminal } from "./support/terminal.ts";

setDefaultTimeout(240_000);

const env = { PASSWORD: "pass-4711 'so'\nsecond line" };

let shop: Project;
/** The containers and the network that run besides. */
let before: string[] = [];

beforeAll(async () => {
  shop = await createProject({
    "files/note": "of the project\n",
    "reyns.ts": `import { link, project, ready, required, service } from "reyns";
project("oneoff");
const settings = { image: "debian:bookworm-slim", init: true, command: ["sleep", "600"], ready: ready.started() };
const db = service("db", settings);
service("web", { ...settings, links: [link(db, "store")],
  env: { MODE: "web", PASSWORD: required({ secret: true }) },
  volumes: { "./files": "/files", kept: "/kept" } });
`,
  });
  await shop.must("run db");
  before = await listOwned(shop.folder);
});
afterAll(() => shop?.[Symbol.asyncDispose]());

const words = (...command: string[]): string[] => ["run", "web", "deps=false", "--", ...command];

const expectNothingLeft = async (): Promise<void> =>
  void (await until("the container is removed", async () =>
    Bun.deepEquals((await listOwned(shop.folder)).toSorted(), before.toSorted()),
  ));

/** A call whose container the Engine takes 4 s to start. */
async function startSlowly(): Promise<AsyncDisposable & { readonly going: Call }> {
  const isStart = /^POST \S*\/containers\/\w+\/start/;
  const relay = await openRelay({ request: (text) => (isStart.test(text) ? 4000 : "pass") });
  const settings = { env: { ...env, DOCKER_HOST: relay.host } };
  const going = await call(shop.folder, words("sleep", "60"), settings);
  await until("its start", async () => relay.requests.some((line) => isStart.test(line)));
  return { going, [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose]() };
}

const containersOfWeb = async (): Promise<string[]> => {
  const filters = [`label=io.reyns.folder=${shop.folder}`, "label=io.reyns.service=web"];
  const listed = await must("docker", "ps", "-q", ...filters.flatMap((one) => ["--filter", one]));
  return listed.split("\n").filter(Boolean);
};

test("an entrypoint of the call takes the place of the service's, and its command is not for it", async () => {
  const calls = [
    [["run", "--no-deps", "--entrypoint", "echo", "web", "a  b"], "a  b"],
    [["run", "web", "deps=false", "entrypoint=echo 'c  d'", "rm"], "c  d"],
    [["run", "web", "deps=false", "json", "--", "echo", "out"], "out"],
    [["run", "-T", "web", "sh", "-c", "echo $MODE"], "web"],
  ] as const;
  for (const [line, printed] of calls)
    expect(await shop.reyns([...line], { env })).toMatchObject({ stdout: `${printed}\n` });
  await expectNothingLeft();
});

test("ten megabytes come out as they went in", async () => {
  const bytes = new Uint8Array(10_000_000);
  for (let start = 0; start < bytes.length; start += 65_536)
    crypto.getRandomValues(bytes.subarray(start, start + 65_536));
  const { executable, env: usual } = await installation();
  const child = Bun.spawn([executable, ...words("cat")], {
    cwd: shop.folder,
    env: { ...usual, ...env },
    stdin: bytes,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([child.stdout.bytes(), child.stderr.text()]);
  expect(Bun.hash(out)).toBe(Bun.hash(bytes));
  expect(withoutProgress(err)).toBe("");
  expect(await child.exited).toBe(0);
  await expectNothingLeft();
});

test("it has the service's secrets, which the Engine is not told, its links and its volumes", async () => {
  const script =
    'printf "%s|" "$MODE" "$PASSWORD"; getent hosts store; cat /files/note; echo more > /kept/x; until [ -e /files/go ]; do sleep 0.1; done';
  const going = await call(shop.folder, words("sh", "-c", script), { env });
  const [id = ""] = (await until("its start", async () => {
    const ids = await containersOfWeb();
    return ids.length > 0 && ids;
  })) || [""];
  expect((await run(["docker", "inspect", id])).stdout).not.toContain("pass-4711");
  await shop.write({ "files/go": "" });
  const { status, stdout, stderr } = await going.output;
  expect(stdout).toMatch(/^web\|pass-4711 'so'\nsecond line\|10\.[\d.]+ +\S+.*\nof the project\n$/);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(await shop.must(words("cat", "/kept/x"), { env })).toBe("more");
  await expectNothingLeft();
});

test("what the service needs is started first, unless deps=false", async () => {
  await shop.must("stop db");
  const none = await shop.reyns(words("getent", "hosts", "db"), { env });
  expect(none.stdout).toBe("");
  const { status, stdout } = await shop.reyns(["run", "web", "--", "getent", "hosts", "store"], {
    env,
  });
  expect(stdout).toMatch(/^10\./);
  expect(status).toBe(0);
  await expectNothingLeft();
});

test("a value that is missing is an error before anything starts", async () => {
  const { status, stderr } = await shop.reyns(words("true"));
  expect(stderr).toStartWith("error missing value: PASSWORD");
  expect(status).toBe(2);
  await expectNothingLeft();
});

describe("nothing is left", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("after %s", async (signal) => {
    const going = await call(shop.folder, words("sleep", "60"), { env });
    await until("its start", async () => (await containersOfWeb()).length > 0);
    going.kill(signal);
    expect((await going.output).status).toBeGreaterThan(128);
    await expectNothingLeft();
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "after %s while the Engine is slow to start it, not even at the end of the call",
    async (signal) => {
      await using starting = await startSlowly();
      const { going } = starting;
      going.kill(signal);
      const { status, stderr } = await going.output;
      expect((await listOwned(shop.folder)).toSorted()).toEqual(before.toSorted());
      expect(stderr).toContain("error interrupted");
      expect(status).toBeGreaterThan(128);
    },
  );

  test("after a signal that comes twice at once, as from timeout, and another one later", async () => {
    await using starting = await startSlowly();
    const { going } = starting;
    going.kill("SIGTERM");
    going.kill("SIGTERM");
    await Bun.sleep(1000);
    going.kill("SIGTERM");
    const { status, stderr } = await going.output;
    expect((await listOwned(shop.folder)).toSorted()).toEqual(before.toSorted());
    expect(stderr).toMatch(
      /^warning web-run-\w+: waiting until its container is removed; press Ctrl-C again .*leave it\n/,
    );
    expect(status).toBe(130);
  });

  test("when the reader of its output is gone", async () => {
    const { executable, env: usual } = await installation();
    const line = `${executable} run web deps=false -- yes | head -n 3`;
    const child = Bun.spawn(["sh", "-c", line], {
      cwd: shop.folder,
      env: { ...usual, ...env, PATH: `${usual["PATH"]}:/usr/bin:/bin` },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    expect(await child.stdout.text()).toBe("y\ny\ny\n");
    expect(withoutProgress(await child.stderr.text())).toBe("");
    await expectNothingLeft();
  });

  test("when the command cannot be found, which its status says", async () => {
    const { status, stderr } = await shop.reyns(words("no-such-command"), { env });
    expect(stderr).toContain("no-such-command");
    expect(status).toBe(127);
    await expectNothingLeft();
  });
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "a third %s leaves its container, and names the call that removes it",
  async (signal, ended) => {
    await using starting = await startSlowly();
    const { going } = starting;
    for (const _ of ["stops it", "is told what it waits for", "leaves it"]) {
      going.kill(signal);
      await Bun.sleep(1000);
    }
    const { status, stderr } = await going.output;
    const [, clean = ""] =
      /may be left; remove it with: reyns (clean web run-\w+)\n/.exec(stderr) ?? [];
    expect({ status, stderr }).toEqual({ status: ended, stderr: expect.stringContaining(clean) });
    expect(await listOwned(shop.folder)).toHaveLength(before.length + 1);
    await shop.must(clean);
    await expectNothingLeft();
  },
);

test("on a terminal it is a terminal: its size, its keys and its status", async () => {
  await using terminal = await openTerminal({ folder: shop.folder, env });
  await terminal.type("reyns run web deps=false -- bash");
  await terminal.see(/root@\S+:\/#/);
  await terminal.type("tty; stty size");
  await terminal.see(/\/dev\/pts\/\d+\n50 80/);
  await terminal.type("sleep 600");
  await until("sleep runs", async () => {
    const [id = ""] = await containersOfWeb();
    return (await must("docker", "top", id)).includes("sleep 600");
  });
  await terminal.press("C-c");
  await terminal.type("exit 5");
  await terminal.see(/\n\[5\]\$$/);
  await expectNothingLeft();
  expect(await terminal.run("stty -a")).toMatch(/icanon.* echo /s);
});

test("its container goes with the terminal", async () => {
  await using terminal = await openTerminal({ folder: shop.folder, env });
  await terminal.type("reyns run web deps=false -- bash");
  await terminal.see(/root@\S+:\/#/);
  await terminal.press("", ";", "new-window", "-d", ";", "kill-window", "-t", "0");
  await expectNothingLeft();
});
