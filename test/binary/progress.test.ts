import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { stripVTControlCharacters } from "node:util";
import { listenerCommand } from "./support/listener.ts";
import { createProject, type Project } from "./support/project.ts";
import { openTerminal } from "./support/terminal.ts";

setDefaultTimeout(240_000);

const service = (name: string, after: number, options = ""): string =>
  `service("${name}", { instance: "one", image: "debian:bookworm-slim", ready: ready.tcp(8000), ` +
  `command: ${JSON.stringify(listenerCommand({ port: 8000, after }))}, ${options} });`;

const script = (...lines: string[]): string =>
  `import { link, project, ready, service } from "reyns";\nproject("shop");\n${lines.join("\n")}\n`;

let shop: Project;

beforeAll(async () => {
  shop = await createProject();
});

afterAll(() => shop?.[Symbol.asyncDispose]());

describe("on a terminal", () => {
  const names = Array.from({ length: 6 }, (_, index) => `worker${index}`);

  for (const [columns, rows] of [
    [80, 24],
    [40, 8],
  ] as const) {
    test(`each has a live line, what has no room is counted, ${columns} x ${rows}`, async () => {
      await shop.write({
        "reyns.ts": script(
          `const db = ${service("db", 1.5)}`,
          ...names.map((name) => service(name, 0.1, "links: [link(db)]")),
        ),
      });
      await using terminal = await openTerminal({ folder: shop.folder, columns, rows });
      await terminal.type("reyns run all");
      const last = await terminal.see(/\n\[0\]\$$/);
      await shop.must("clean all force=True");
      // What was redrawn is gone; every instance has the one line that stays.
      for (const name of names)
        expect(last.match(new RegExp(`✓ ${name}-one ready`, "g"))).toHaveLength(1);
      expect(last).not.toMatch(/[⠋⠙⠹·━]/);
      const written = stripVTControlCharacters(await terminal.bytes());
      expect(written).toMatch(/⠋|⠙/);
      expect(written).toMatch(/db-one +(starting|waiting for port 8000)/);
      expect(written).toMatch(/· worker0-one +waits for db-one/);
      expect(written).toMatch(/\d of 7 ready/);
      expect(/\d more waiting/.test(written)).toBe(rows < 10);
      const wide = written.split(/[\r\n]+/).filter((line) => line.length > columns);
      // Only what was typed and what stays may be wider.
      expect(wide.filter((line) => /[⠋⠙⠹·━]/.test(line))).toEqual([]);
    });
  }

  test("run draws progress in ASCII where the locale has no more", async () => {
    await shop.write({ "reyns.ts": script(service("db", 0.3)) });
    await using terminal = await openTerminal({ folder: shop.folder, env: { LC_ALL: "C" } });
    await terminal.run("reyns run all");
    await shop.must("clean all force=True");
    const bytes = await terminal.bytes();
    expect(bytes).toContain("db-one ready");
    expect(Buffer.from(bytes).every((byte) => byte < 128)).toBe(true);
  });
});

test("run without a terminal reports a slow step and each change of it", async () => {
  await shop.write({
    "reyns.ts": script(
      `const db = ${service("db", 1.5)}`,
      service("quick", 0),
      service("web", 0, "links: [link(db)]"),
    ),
  });
  const { stderr } = await shop.reyns("run all", { withProgress: true });
  await shop.must("clean all force=True");
  const lines = stderr
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/\d+\.\d+\.\d+\.\d+/, "IP"));
  const ofDb = lines.filter((line) => line.includes("db-one"));
  // The first one a second after the start, wherever it is by then.
  expect(ofDb[0]).toMatch(/^ {2}db-one \S.*  \d+\.\ds$/);
  expect(ofDb.at(-1)).toMatch(/^✓ db-one ready  IP  \d+\.\ds$/);
  // What waits for another is not heard of before it begins.
  expect(lines.findIndex((line) => line.includes("web-one"))).toBeGreaterThan(
    lines.findIndex((line) => line.startsWith("✓ db-one")),
  );
});
