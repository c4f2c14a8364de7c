import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { variablesOf } from "./support/containers.ts";
import { containerIds, inspectAll } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { openTerminal, type Terminal } from "./support/terminal.ts";

setDefaultTimeout(240_000);

const secret = "hunter2-of-the-test";

const definition = `import { project, ready, required, service } from "reyns";
project("shop");
const sleeper = { image: "debian:bookworm-slim", ready: ready.started(),
  command: "trap exit TERM; sleep 1000 & wait" };
service("db", { ...sleeper, instance: "one", persistentData: true, env: {
  PASSWORD: required({ secret: true, description: "of the superuser" }),
  MODE: required(),
} });
for (const instance of ["one", "two"])
  service("web", { ...sleeper, instance, env: { PEER_IP: required(), MODE: required() } });
`;

let shop: Project;

beforeAll(async () => {
  shop = await createProject({ "reyns.ts": definition });
});

afterAll(() => shop?.[Symbol.asyncDispose]());

interface Question {
  readonly name: string;
  /** What shows that it is asked. */
  readonly shows: RegExp;
  readonly answer: (terminal: Terminal) => Promise<void>;
}

const typed =
  (text: string) =>
  (terminal: Terminal): Promise<void> =>
    terminal.type(text);

const pressed =
  (...keys: string[]) =>
  (terminal: Terminal): Promise<void> =>
    terminal.press(...keys);

/** Every question of the run, in their order; white space stands for any, as a narrow terminal breaks lines. */
const questions: readonly Question[] = [
  {
    name: "a secret",
    shows: /3 values for this host[^]*◆ PASSWORD, for db-one: of/,
    answer: typed(secret),
  },
  { name: "a text", shows: /◆ MODE, for db-one, web-one, web-two/, answer: typed("production") },
  {
    name: "an address",
    shows: /◆ PEER_IP, for web-one, web-two[^]*another address/,
    answer: pressed("Up", "Enter"),
  },
  {
    name: "a typed address",
    shows: /another address[^]*◆ PEER_IP[^]*└$/,
    answer: typed("192.0.2.1"),
  },
  { name: "whether to keep them", shows: /Keep these answers[^]*mode/, answer: pressed("Enter") },
  { name: "the data folder", shows: /does not exist/, answer: pressed("y") },
];

/** Waits for what shows a question, wherever the terminal has broken its lines. */
async function answer(terminal: Terminal, { shows, answer: give }: Question): Promise<void> {
  await seen(terminal, shows);
  await give(terminal);
}

const seen = (terminal: Terminal, shows: RegExp): Promise<string> =>
  terminal.see(new RegExp(shows.source.replaceAll(" ", "[\\s│]+")));

const files = async (): Promise<string[]> => (await readdir(shop.folder)).toSorted();

async function startOver(): Promise<void> {
  await shop.must("clean all force=True");
  await rm(join(shop.folder, "host.conf"), { force: true });
  await rm(join(shop.folder, "data_shop"), { recursive: true, force: true });
}

for (const columns of [80, 40]) {
  test(`all is asked once, then everything starts, at ${columns} columns`, async () => {
    await using terminal = await openTerminal({ folder: shop.folder, columns });
    await terminal.type("reyns run all");
    for (const question of questions) await answer(terminal, question);
    const screen = await terminal.see(/\n\[0\]\$$/);
    expect(screen.split("\n").filter((line) => line.length > columns)).toEqual([]);
    expect(screen.match(/Keep these answers/g)).toHaveLength(1);
    // Each service's questions stand below its name.
    expect(screen).toMatch(/db\n[^]*PASSWORD[^]*web\n[^]*PEER_IP/);
    const bytes = await terminal.bytes();
    expect(bytes).not.toContain(secret);
    expect(bytes).not.toContain(secret.slice(0, 4));

    const values = { PASSWORD: secret, MODE: "production", PEER_IP: "192.0.2.1" };
    const file = join(shop.folder, "host.conf");
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual(values);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { PEER_IP, MODE } = values;
    const [db] = await Promise.all([containerOf("db-one"), containerOf("web-one")]);
    expect(db).toMatchObject({ MODE });
    for (const name of ["PEER_IP", "PASSWORD"]) expect(db).not.toHaveProperty(name);
    const inside = { stdout: expect.stringContaining(`PASSWORD=${secret}`) };
    expect(await shop.json("shell db one command=env")).toMatchObject(inside);
    expect(await containerOf("web-two")).toMatchObject({ PEER_IP, MODE });
    await startOver();
  });
}

async function containerOf(host: string): Promise<Record<string, string>> {
  const found = (await inspectAll(shop.folder)).get(host);
  if (!found) throw new Error(`no ${host}`);
  return variablesOf(found);
}

describe("leaving at a question changes nothing:", () => {
  for (const [index, { name, shows }] of questions.entries()) {
    for (const key of ["C-c", "Escape"]) {
      test(`${key} at ${name}`, async () => {
        const before = await files();
        await using terminal = await openTerminal({ folder: shop.folder });
        await terminal.type("reyns run all");
        for (const question of questions.slice(0, index)) await answer(terminal, question);
        await seen(terminal, shows);
        await terminal.press(key);
        expect(await terminal.see(/\n\[130\]\$$/)).toContain("cancelled; nothing was changed");
        expect(await files()).toEqual(before);
        expect(await containerIds(shop.folder)).toEqual([]);
      });
    }
  }
});

const refused: readonly { at: number; wrong: string; reason: string }[] = [
  { at: 0, wrong: "", reason: "a value is required" },
  { at: 1, wrong: "", reason: "a value is required" },
  { at: 3, wrong: "", reason: "a value is required" },
  { at: 3, wrong: "192.0.2.256", reason: '"192.0.2.256" is not an IPv4 address' },
  { at: 3, wrong: "from_nowhere", reason: 'no interface "nowhere"; available: lo' },
];

test("a prompt refuses a wrong value with the reason, and then takes the right one", async () => {
  await using terminal = await openTerminal({ folder: shop.folder });
  await terminal.type("reyns run all");
  for (const [index, question] of questions.entries()) {
    await seen(terminal, question.shows);
    for (const { wrong, reason } of refused.filter(({ at }) => at === index)) {
      await terminal.type(wrong);
      await terminal.see(reason);
      await terminal.press(...Array.from({ length: wrong.length }, () => "BSpace"));
    }
    if (question.name !== "whether to keep them") await question.answer(terminal);
    else await terminal.press("n");
  }
  await terminal.see(/\n\[0\]\$$/);
  // Not kept: they hold for this run.
  expect(await files()).not.toContain("host.conf");
  expect(await containerOf("web-one")).toMatchObject({ PEER_IP: "192.0.2.1" });
  await startOver();
});

test("answers to keep stay in host.conf when the run fails after them, as a port is taken", async () => {
  using taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } });
  await using project = await createProject({
    "reyns.ts": `import { project, ready, required, service } from "reyns";
project("kept");
service("web", { image: "debian:bookworm-slim", instance: "one", command: ["sleep", "600"], ready: ready.started(),
  ports: ["127.0.0.1:${taken.port}:80"], env: { MODE: required() } });
`,
  });
  await using terminal = await openTerminal({ folder: project.folder });
  await terminal.type("reyns run all");
  await terminal.see("MODE, for web-one");
  await terminal.type("production");
  await terminal.see("Keep these answers");
  await terminal.press("Enter");
  await terminal.see(/is taken by[^]*\n\[[1-9]\]\$$/);
  const values: unknown = await Bun.file(join(project.folder, "host.conf")).json();
  expect(values).toEqual({ MODE: "production" });
});

test("the prompt for an address offers those of this host", async () => {
  await using terminal = await openTerminal({ folder: shop.folder, env: { MODE: "x" } });
  await terminal.type("PASSWORD=x reyns run all");
  const screen = await seen(terminal, /another address/);
  expect(screen).not.toContain("127.0.0.1");
  expect(screen).toContain("one value for this host");
  await terminal.press("C-c");
  await terminal.see(/\n\[130\]\$$/);
});

test("run names all missing values at once without a terminal, and how to give them", async () => {
  const { status, stdout, stderr } = await shop.reyns("run all");
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  const ways = (name: string, place: string): string =>
    `      set it in the environment (${name}=… reyns …), in host.conf ({"${name}": "…"}), ` +
    `or where it is defined (reyns.ts:${place})\n`;
  expect(stderr).toBe(
    `error missing value: PASSWORD (of the superuser), required by db-one\n${ways("PASSWORD", "6:3")}` +
      `error missing value: MODE, required by db-one, web-one, web-two\n${ways("MODE", "7:3")}` +
      `error missing value: PEER_IP, required by web-one, web-two\n${ways("PEER_IP", "10:49")}`,
  );
  expect(await containerIds(shop.folder)).toEqual([]);
});
