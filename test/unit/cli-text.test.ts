import { afterEach, describe, expect, test } from "bun:test";
import { table } from "../../src/cli/output.ts";
import { clip, formatAge, formatSeconds, isLive, paint, widthOf } from "../../src/cli/style.ts";
import { sinceSeconds } from "../../src/cli/times.ts";
import { thrownBy } from "./support/project-folder.ts";

const now = Date.UTC(2026, 0, 31, 12);
const inSeconds = now / 1000;

describe("since", () => {
  const right: [string, number][] = [
    ["90s", inSeconds - 90],
    ["10m", inSeconds - 600],
    ["2h", inSeconds - 7200],
    ["1d", inSeconds - 86_400],
    ["0s", inSeconds],
    ["99999999999999999999d", 0],
    ["2026-01-31", Date.UTC(2026, 0, 31) / 1000],
    ["2026-01-31T10:00Z", inSeconds - 7200],
    ["2026-01-31T10:00:00.999Z", inSeconds - 7200],
  ];
  test.each(right)("%s", (text, seconds) => expect(sinceSeconds(text, now)).toBe(seconds));

  const wrong = ["", "90", "1.5h", "-5m", "10 m", "10M", "yesterday", "hello 1", "2026-13-45"];
  test.each(wrong)("%j is refused", (text) => {
    const [error] = thrownBy(() => sinceSeconds(text, now));
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
});

test.each([
  ["abc", 3, "abc"],
  ["abcd", 3, "ab…"],
  ["abcd", 1, "…"],
  ["", 0, ""],
])("%j in %d characters is %j", (text, width, clipped) => expect(clip(text, width)).toBe(clipped));

/** A stream as far as colours and widths look at it. */
const stream = (isTTY: boolean, columns?: number): NodeJS.WriteStream =>
  ({ isTTY, columns }) as unknown as NodeJS.WriteStream;

describe("the terminal and its environment are respected", () => {
  const names = ["NO_COLOR", "FORCE_COLOR", "TERM", "CI"] as const;
  const before = names.map((name) => [name, process.env[name]] as const);
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  afterEach(() => before.forEach(([name, value]) => set(name, value)));

  const cases: [Record<string, string>, boolean, { colours: boolean; live: boolean }][] = [
    [{ TERM: "xterm" }, true, { colours: true, live: true }],
    [{ TERM: "xterm" }, false, { colours: false, live: false }],
    [{ TERM: "dumb" }, true, { colours: false, live: false }],
    [{ TERM: "xterm", CI: "1" }, true, { colours: true, live: false }],
    [{ TERM: "xterm", NO_COLOR: "1" }, true, { colours: false, live: true }],
    [{ TERM: "xterm", NO_COLOR: "" }, true, { colours: true, live: true }],
    [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, { colours: false, live: true }],
    [{ FORCE_COLOR: "1" }, false, { colours: true, live: false }],
    [{ FORCE_COLOR: "0" }, false, { colours: false, live: false }],
  ];
  test.each(cases)("%j, terminal %p", (env, isTTY, { colours, live }) => {
    for (const name of names) set(name, env[name]);
    expect(paint("red", "x", stream(isTTY)) !== "x").toBe(colours);
    expect(isLive(stream(isTTY))).toBe(live);
  });

  test("80 columns where nothing tells", () => {
    expect([stream(true, 40), stream(true), stream(false, 40)].map(widthOf)).toEqual([40, 80, 80]);
  });
});

describe("a table", () => {
  const columns = [
    { title: "NAME", value: (row: string[]) => row[0] ?? "" },
    { title: "IMAGE", value: (row: string[]) => row[1] ?? "", shrinks: true },
    { title: "NOTE", value: (row: string[]) => row[2] ?? "" },
  ];
  const { isTTY, columns: width } = process.stdout;
  afterEach(() => void Object.assign(process.stdout, { isTTY, columns: width }));

  test("is as wide as its content; empty columns are left out, no line ends in blanks", () => {
    Object.assign(process.stdout, { isTTY: false });
    expect(
      table(
        [
          ["a", "image-1"],
          ["long-name", "i"],
        ],
        columns,
      ),
    ).toBe("NAME       IMAGE\na          image-1\nlong-name  i");
    expect(table([], columns)).toBe("");
  });

  test("gives way on a narrow terminal where it may, no further than it can be read", () => {
    process.env["NO_COLOR"] = "1";
    const rows = [["demo-one", "registry.example.com/some/long/image", "up"]];
    Object.assign(process.stdout, { isTTY: true, columns: 30 });
    const lines = table(rows, columns).split("\n");
    expect(lines[1]).toBe("demo-one  registry.exampl…  up");
    Object.assign(process.stdout, { columns: 5 });
    expect(table(rows, columns).split("\n")[1]).toBe("demo-one  registr…  up");
    delete process.env["NO_COLOR"];
  });
});
