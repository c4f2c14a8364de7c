import { describe, expect, test } from "bun:test";
import { sanitizeForTerminal } from "../../src/ui/output/sanitize.ts";
import { formatAge, formatRemaining, formatSeconds } from "../../src/ui/output/duration.ts";
import { truncate } from "../../src/ui/output/width.ts";
import { parseSince } from "../../src/cli/args/since.ts";
import { thrownBy } from "./support/project-folder.ts";
import { outputOf } from "./support/terminal.ts";

const now = Date.UTC(2026, 0, 31, 12);
const inSeconds = now / 1000;

describe("since", () => {
  const right: [string, number][] = [
    ["90s", inSeconds - 90],
    ["10m", inSeconds - 600],
    ["2h", inSeconds - 7200],
    ["1d", inSeconds - 86_400],
    ["0s", inSeconds],
    ["1m30s", inSeconds - 90],
    ["1h30m", inSeconds - 5400],
    ["1.5h", inSeconds - 5400],
    ["1500ms", inSeconds - 2],
    ["1700000000", 1_700_000_000],
    ["1700000000.75", 1_700_000_000],
    ["99999999999999999999d", 0],
    ["2026-01-31", Date.UTC(2026, 0, 31) / 1000],
    ["2026-01-31T10:00Z", inSeconds - 7200],
    ["2026-01-31T10:00:00.999Z", inSeconds - 7200],
  ];
  test.each(right)("%s", (text, seconds) => expect(parseSince(text, now)).toBe(seconds));

  const wrong = [
    "",
    "0",
    "90",
    "1h30",
    "1.5",
    "-5m",
    "1700000000.",
    "17000000000000",
    "10 m",
    "10M",
    "yesterday",
    "hello 1",
    "2026-13-45",
  ];
  test.each(wrong)("%j is refused", (text) => {
    const [error] = thrownBy(() => parseSince(text, now));
    expect(error).toMatchObject({ code: "INVALID_VALUE", message: `since is "${text}"` });
    expect(error?.hint).toContain("10m");
  });
});

describe("seconds and ages", () => {
  const seconds: [number, string][] = [
    [0, "0.0s"],
    [0.44, "0.4s"],
    [9.94, "9.9s"],
    [9.96, "10s"],
    [59.4, "59s"],
    [59.6, "1m 0s"],
    [119.7, "2m 0s"],
    [125, "2m 5s"],
  ];
  test.each(seconds)("%p is %s", (value, text) => expect(formatSeconds(value)).toBe(text));

  const ages: [number, string][] = [
    [-3, "0 s"],
    [0.5, "0 s"],
    [59, "59 s"],
    [60, "1 min"],
    [3599, "59 min"],
    [3600, "1 h"],
    [86_400, "1 d"],
    [1e9, "11574 d"],
  ];
  test.each(ages)("%p seconds is %s", (value, text) => expect(formatAge(value)).toBe(text));

  test.each([
    [259_199, "2 d 23 h"],
    [86_400, "1 d 0 h"],
    [5399.9, "1 h 29 min"],
    [3599, "59 min"],
    [-1, "0 s"],
  ])("%p seconds that are left are %s", (value, text) => expect(formatRemaining(value)).toBe(text));
});

test.each([
  ["abc", 3, "abc"],
  ["abcd", 3, "ab…"],
  ["abcd", 1, "…"],
  ["", 0, ""],
])("%j in %d characters is %j", (text, width, clipped) =>
  expect(truncate(text, width)).toBe(clipped),
);

test.each([
  ["\u001B[2J\u001B[31mred\u001B[0m", "red"],
  ["\u001B]0;title\u0007text", "text"],
  ["\u001B[2Jdone\u0007", "done\\x07"],
  ["a\u001B]0;without an end\nb", "a\nb"],
  ["10%\r20%", "10%20%"],
  ["a\u0007b\u009B1mc\u007F", "a\\x07bc\\x7f"],
  ["two\n\tlines, é …", "two\n\tlines, é …"],
  ["\u202Egnp.exe\u200F", "\\u202egnp.exe\\u200f"],
])("%j is sanitized", (text, shown) => expect(sanitizeForTerminal(text)).toBe(shown));

describe("the terminal and its environment are respected", () => {
  const look = `import { isLive, paint, terminalWidth } from "./src/ui/output/style.ts";
    console.log(JSON.stringify({ colours: paint("red", "x", "stdout") !== "x", live: isLive("stdout"), width: terminalWidth("stdout") }));`;

  const cases: [Record<string, string>, boolean, { colours: boolean; live: boolean }][] = [
    [{}, true, { colours: true, live: true }],
    [{}, false, { colours: false, live: false }],
    [{ TERM: "dumb" }, true, { colours: false, live: false }],
    [{ CI: "1" }, true, { colours: true, live: false }],
    [{ NO_COLOR: "1" }, true, { colours: false, live: true }],
    [{ NO_COLOR: "" }, true, { colours: true, live: true }],
    [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, { colours: false, live: true }],
    [{ FORCE_COLOR: "1" }, false, { colours: true, live: false }],
    [{ FORCE_COLOR: "0" }, false, { colours: false, live: false }],
  ];
  test.concurrent.each(cases)("%j, terminal %p", async (env, isTerminal, expected) => {
    const output = await outputOf(look, isTerminal ? { env, columns: 40 } : { env });
    expect(JSON.parse(output)).toEqual({ ...expected, width: isTerminal ? 40 : 80 });
  });
});

test("a message wraps between words on a terminal and stays unwrapped elsewhere", async () => {
  const said = (columns?: number): Promise<string> =>
    outputOf(
      `import { wrapMessage } from "./src/ui/output/wrap.ts";
       console.log("error " + wrapMessage("one word after another\\nto the end", 6));`,
      columns === undefined ? {} : { columns, env: { NO_COLOR: "1" } },
    );
  expect(await said(20)).toBe("error one word after\n      another\n      to the end");
  expect(await said()).toBe("error one word after another\nto the end");
});

test("a table leaves out droppable columns before it shortens names", async () => {
  const drawn = await outputOf(
    `import { formatTable } from "./src/ui/output/table.ts";
     const columns = [{ title: "NAME", shrinks: "last" }, { title: "STATE" }, { title: "ID", droppable: true }];
     console.log(formatTable(columns, [["a-long-name-of-one", "up", "0123456789ab"]]));`,
    { columns: 30, env: { NO_COLOR: "1" } },
  );
  expect(drawn).toBe("NAME                STATE\na-long-name-of-one  up");
});

test("names that differ at their ends keep them, and what is of least use is left out first", async () => {
  const drawn = (columns: number): Promise<string> =>
    outputOf(
      `import { formatTable } from "./src/ui/output/table.ts";
       const columns = [{ title: "ADDRESS", droppable: "first" },
         { title: "IMAGE", shrinks: true, minWidth: 12, keepsEnd: true, droppable: true },
         { title: "UP", droppable: "last" }, { title: "ID", droppable: "first" }, { title: "A" }];
       console.log(formatTable(columns, [
         ["10.0.0.2", "nca-notes/web", "5 min", "0123", "x"], ["10.0.0.3", "nca-notes/worker", "5 min", "4567", "x"],
       ]));`,
      { columns, env: { NO_COLOR: "1" } },
    );
  expect(await drawn(34)).toBe(
    "ADDRESS   IMAGE           UP     A\n10.0.0.2  nca-notes/web   5 min  x\n10.0.0.3  …-notes/worker  5 min  x",
  );
  expect(await drawn(22)).toBe(
    "IMAGE         UP     A\n…a-notes/web  5 min  x\n…otes/worker  5 min  x",
  );
  expect(await drawn(20)).toBe("UP     A\n5 min  x\n5 min  x");
});

test("a column shrinks no further than its minimum width", async () => {
  const drawn = await outputOf(
    `import { formatTable } from "./src/ui/output/table.ts";
     const columns = [{ title: "ADDRESS", shrinks: true, minWidth: 15 }, { title: "NODE", shrinks: true },
       { title: "AGE", droppable: true }];
     console.log(formatTable(columns, [["10.192.100.1, 10.192.100.2", "a-long-name", "1 min"]]));`,
    { columns: 26, env: { NO_COLOR: "1" } },
  );
  expect(drawn.split("\n")[1]).toBe("10.192.100.1, …  a-long-n…");
});

describe("a table", () => {
  const drawn = (rows: readonly string[][], columns?: number): Promise<string> =>
    outputOf(
      `import { formatTable } from "./src/ui/output/table.ts";
       const columns = [{ title: "NAME" }, { title: "IMAGE", shrinks: true }, { title: "NOTE" }];
       console.log(formatTable(columns, ${JSON.stringify(rows)}));`,
      columns === undefined ? {} : { columns, env: { NO_COLOR: "1" } },
    );

  test("is as wide as its content, without empty columns and trailing blanks", async () => {
    const rows = [
      ["a", "image-1"],
      ["long-name", "i"],
    ];
    expect(await drawn(rows)).toBe("NAME       IMAGE\na          image-1\nlong-name  i");
    expect(await drawn([])).toBe("");
  });

  test("has one line a row, whatever the cells contain", async () => {
    expect(await drawn([["a\u001B[2J\nb", "i\u0007"]])).toBe("NAME  IMAGE\na b   i\\x07");
  });

  const rows = [["demo-one", "registry.example.com/some/long/image", "up"]];
  test.each([
    [30, "demo-one  registry.exam…  up"],
    [18, "demo-one  registr…  up"],
    [undefined, "demo-one  registry.example.com/some/long/image  up"],
  ])("shortens the column that shrinks in %p columns, and no other", async (width, line) => {
    expect((await drawn(rows, width)).split("\n")[1]).toBe(line);
  });
});
