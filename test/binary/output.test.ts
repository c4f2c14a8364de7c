import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { stripVTControlCharacters } from "node:util";
import { createDemo, demoName, type Project } from "./support/project.ts";
import { openRelay } from "./support/relay.ts";
import { openTerminal } from "./support/terminal.ts";

setDefaultTimeout(240_000);

const escape = "\u001B";

let demo: Project;

beforeAll(async () => {
  demo = await createDemo();
  // A name that makes every table wider than the terminal.
  await demo.write({
    "services/a-service-with-a-long-name/Dockerfile": "FROM reyns/reyns-base\n",
  });
  await demo.must("build all");
  await demo.must("run all");
}, 300_000);

afterAll(() => demo?.[Symbol.asyncDispose]());

const lines = [
  "ps",
  "ps all",
  "status",
  "info demo one",
  "logs all",
  "run all",
  "rerun demo one",
  "build all",
  "stop demo two",
  "start demo two",
  "version",
  "help",
  "help run",
  "run dmo",
  "getip demo one",
];

describe("output without a terminal has no escape sequence:", () => {
  for (const line of lines) {
    test(line, async () => {
      const { stdout, stderr } = await demo.reyns(line);
      expect(stdout + stderr).not.toContain(escape);
      expect(stdout + stderr).not.toContain("\r");
    });
  }
});

/** Colours and other attributes (SGR); not what moves the cursor. */
// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const colours = /\u001B\[[\d;]*m/;

describe("on a terminal of 80 columns", () => {
  const long = "a-service-with-a-long-name an-instance-with-a-very-long-name";

  test("ps fits each instance into one line, whatever its name", async () => {
    await using terminal = await openTerminal({ folder: demo.folder });
    await demo.must(`run ${long}`);
    const shown = await terminal.run("reyns ps");
    await demo.must(`clean ${long}`);
    expect(shown.split("\n")).toHaveLength(5);
    expect(shown).toMatch(
      /^a-service-with-a-long-name +an-instance-with-a-very-long-name +running +\d+ s$/m,
    );
    expect(Math.max(...shown.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("no command writes a line that is too wide", async () => {
    await using terminal = await openTerminal({ folder: demo.folder });
    for (const line of ["ps", "status", "help", "help run", "run all", "build all"]) {
      const bytes = (await terminal.bytes()).length;
      await terminal.run(`reyns ${line}`);
      const written = stripVTControlCharacters((await terminal.bytes()).slice(bytes));
      const wide = written.split(/[\r\n]+/).filter((text) => text.length > 80);
      expect({ line, wide }).toEqual({ line, wide: [] });
    }
  });

  test("rerun draws progress in place, in colours", async () => {
    await using terminal = await openTerminal({ folder: demo.folder });
    const shown = await terminal.run("reyns rerun demo one");
    // Green is the mark alone.
    expect(await terminal.bytes()).toContain("\u001B[32m✓\u001B[39m demo-one ready");
    expect(shown.split("\n").filter((text) => text.startsWith("✓"))).toHaveLength(1);
    expect(shown).not.toContain("⠋");
  });

  test("ps colours the state", async () => {
    await using terminal = await openTerminal({ folder: demo.folder });
    await terminal.run("reyns ps");
    expect(await terminal.bytes()).toContain("\u001B[32mrunning\u001B[39m");
  });

  for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }] as const) {
    test(`no colours with ${JSON.stringify(env)}`, async () => {
      await using terminal = await openTerminal({ folder: demo.folder, env });
      for (const line of ["ps", "rerun demo one", "status"]) await terminal.run(`reyns ${line}`);
      await terminal.run("reyns run dmo", 2);
      expect(await terminal.bytes()).not.toMatch(colours);
    });
  }

  for (const env of [{ CI: "true" }, { TERM: "dumb" }] as const) {
    test(`nothing is redrawn with ${JSON.stringify(env)}`, async () => {
      await using terminal = await openTerminal({ folder: demo.folder, env });
      const shown = await terminal.run("reyns rerun demo one");
      expect(shown).toContain("✓ demo-one ready");
      expect(await terminal.bytes()).not.toMatch(/⠋|⠙/);
    });
  }

  test("Ctrl-C at a question changes nothing", async () => {
    await using terminal = await openTerminal({ folder: demo.folder });
    await terminal.type("reyns clean all");
    await terminal.see("Stop and remove these 3 instances?");
    await terminal.press("C-c");
    await terminal.see(/\n\[130\]\$$/);
    expect(await demo.json("ps")).toHaveLength(3);
  });

  test("answering no at a question changes nothing", async () => {
    await using terminal = await openTerminal({ folder: demo.folder });
    await terminal.type("reyns clean all");
    await terminal.see("Stop and remove these 3 instances?");
    await terminal.press("n");
    const screen = await terminal.see(/nothing was changed[^]*\n\[\d+\]\$$/);
    expect(screen).toContain("cancelled");
    expect(await demo.json("ps")).toHaveLength(3);
  });

  test("ssh and shell ask which of several instances is meant", async () => {
    for (const line of ["reyns ssh demo", "reyns shell demo"]) {
      await using terminal = await openTerminal({ folder: demo.folder });
      await terminal.type(line);
      await terminal.see(/Which instance\?[^]*demo-one[^]*demo-two/);
      await terminal.press("Down", "Enter");
      await terminal.see("@demo-two:");
      await terminal.type("exit 5");
      await terminal.see(/\n\[5\]\$$/);
    }
  });

  test("getip asks which of several instances is meant", async () => {
    await using terminal = await openTerminal({ folder: demo.folder });
    await terminal.type("reyns getip demo");
    await terminal.see(/Which instance\?[^]*demo-one[^]*demo-two/);
    await terminal.press("Down", "Enter");
    await terminal.see(`\n${await demo.must("getip demo two")}\n`);
  });
});

describe("quiet prints only results and errors:", () => {
  test.each([
    ["stop demo two", ""],
    ["start demo two", ""],
    ["run all", ""],
    ["getip demo one", /^10\.[\d.]+\n$/],
    ["build all", /built/],
  ] as const)("%s", async (line, result) => {
    const { status, stdout, stderr } = await demo.reyns(`${line} quiet`);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(result === "" ? /^$/ : result);
  });

  test("an error", async () => {
    const { status, stderr } = await demo.reyns("run dmo -q");
    expect([status, stderr.split("\n")[0]]).toEqual([
      2,
      `error no service "dmo" in project "${demoName}"`,
    ]);
  });

  test("quiet draws no progress on a terminal, and still shows what a question is about", async () => {
    await using terminal = await openTerminal({ folder: demo.folder });
    const shown = await terminal.run("reyns rerun demo one quiet");
    expect(shown.split("\n").map((text) => text.split(" ")[0])).toEqual(["SERVICE", "demo"]);
    expect(await terminal.bytes()).not.toMatch(/⠋|⠙/);
    await terminal.type("reyns clean all quiet");
    await terminal.see(/demo +two[^]*Stop and remove these 3 instances\?/);
    await terminal.press("C-c");
    await terminal.see(/\n\[130\]\$$/);
  });
});

test("ps reports a slow Engine, and prints the same result", async () => {
  await using relay = await openRelay({ request: () => 1500 });
  const { stdout, stderr } = await demo.reyns("ps", {
    env: { DOCKER_HOST: relay.host },
    withProgress: true,
  });
  expect(stderr).toMatch(/^ {2}asking the Engine {2}\d+s$/m);
  expect(stdout).toContain("reyns-dns");
});

describe("LOG_LEVEL=DEBUG shows the Engine's calls on standard error", () => {
  const calls = async (line: string): Promise<string[]> => {
    const { stdout, stderr } = await demo.reyns(line, { env: { LOG_LEVEL: "DEBUG" } });
    expect(stdout).not.toContain("debug");
    return stderr.match(/^debug (GET|POST|DELETE|HEAD) \/\S+/gm) ?? [];
  };

  /** Not about who has built the image: demos of other tests build one of the same name. */
  const isOwn = (call: string): boolean => !/^debug GET \/(images\/|info)/.test(call);

  test("ps makes one call", async () => {
    expect((await calls("ps")).filter(isOwn)).toEqual([
      expect.stringContaining("GET /containers/json"),
    ]);
  });

  test("run all that changes nothing makes only calls that read", async () => {
    const made = await calls("run all");
    const others = made.filter(isOwn);
    // One list for the conf that runs here, and one for the plan.
    expect(others.map((call) => call.split("?")[0] ?? "").toSorted()).toEqual([
      "debug GET /containers/json",
      "debug GET /containers/json",
      "debug GET /networks",
    ]);
  });

  test("no call is shown without it", async () => {
    expect((await demo.reyns("ps")).stderr).toBe("");
  });
});

describe("logs", () => {
  test("logs puts the instance before each line of several, and nothing before those of one", async () => {
    const all = (await demo.must("logs all")).split("\n");
    expect(all.filter((line) => !/^(demo-one|demo-two|reyns-dns-main) +\| /.test(line))).toEqual(
      [],
    );
    expect(new Set(all.map((line) => line.split(" ")[0]))).toEqual(
      new Set(["demo-one", "demo-two", "reyns-dns-main"]),
    );
    expect(await demo.must("logs demo one tail=1")).not.toContain("|");
  });

  test("logs follow ends when its instances have stopped", async () => {
    const following = demo.must("logs demo two follow=true tail=0");
    await demo.must("stop demo two");
    expect(await following).toBeString();
    await demo.must("start demo two");
  });
});
