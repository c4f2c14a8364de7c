import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { parseJsonc, readJsonc } from "../../src/project/jsonc.ts";
import { projectFolder, thrownBy } from "./support/project-folder.ts";

const messages = (parse: () => unknown): string[] =>
  thrownBy(parse).map(({ message, at }) => `${at?.line}:${at?.column} ${message}`);

const parse = (text: string) => () => parseJsonc(text, "a.conf");

describe("a conf of any content is read in little time", () => {
  // Each took minutes, or all memory, where it is read again from each place, or without a limit.
  test.each<[string, string, string]>([
    ["comments that never end", `[${"/* ".repeat(400_000)}`, "unexpected end of comment"],
    ["strings that never end", '"\\'.repeat(300_000), "unexpected end of string"],
    ["quotes after backslashes", '\\"'.repeat(300_000), "invalid symbol"],
    ["lists in lists", "[".repeat(200_000), "is nested more than 100 levels deep"],
    ["objects in objects", '{"a":'.repeat(200_000), "is nested more than 100 levels deep"],
    ["a list of a million", `[${"1,".repeat(1_000_000)}1]`, "has more than 500000 values"],
    ["a mistake on each line", `[\n${"}\n".repeat(200_000)}]`, "value expected"],
    ["too many characters", " ".repeat(10_000_001), "is larger than 10 MB"],
  ])(
    "%s",
    (_, text, message) => {
      const found = messages(parse(text));
      expect(found.some((line) => line.endsWith(message))).toBeTrue();
      expect(found.length).toBeLessThanOrEqual(1000);
    },
    10_000,
  );

  test("as many keys twice", () => {
    const keys = Array.from({ length: 50_000 }, (_, index) => `"k${index}": 1`).join(",\n");
    const found = messages(parse(`{${keys},\n${keys}}`));
    expect(found).toHaveLength(1000);
    expect(found[0]).toBe('50001:1 duplicate key "k0"');
  }, 10_000);

  test("and many places in it", () => {
    const keys = Array.from({ length: 50_000 }, (_, index) => `"k${index}": 1`).join(",\n");
    const document = parseJsonc(`{\n${keys}}`, "a.conf");
    for (let index = 0; index < 50_000; index += 1)
      expect(document.placeOf([`k${index}`, "x"]).line).toBe(index + 2);
  }, 10_000);
});

describe("a file", () => {
  test("without an end is refused", () => {
    expect(messages(() => readJsonc("/dev/zero")).join("\n")).toContain("not a regular file");
  });

  test("that is larger than 10 MB is refused, and named", async () => {
    await using project = await projectFolder({ "a.conf": " ".repeat(10_000_001) });
    const file = join(project.folder, "a.conf");
    const [error] = thrownBy(() => readJsonc(file));
    expect(error?.at).toEqual({ file });
    expect(error?.message).toBe("the file is larger than 10 MB");
  });
});

test("comments and strings are told apart, whatever is in them", () => {
  const { value } = parseJsonc(
    `\uFEFF# " [ /*
    { "a#b": "c # d", # "x"
      // " #
      /* # " */ "e": "\\"#", "f": "\\\\" # ]
    }`,
    "a.conf",
  );
  expect(value).toEqual({ "a#b": "c # d", e: '"#', f: "\\" });
});
