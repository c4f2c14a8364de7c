// docs/compose-table.md in step with the code: no field and no command without a row, and each row says what is so.
import { describe, expect, test } from "bun:test";
import { networkKeys, networkOptions } from "../../src/api/network-schemas.ts";
import { acceptedKeys } from "../../src/api/schema.ts";
import { volumeOptions } from "../../src/api/volume-schemas.ts";
import { camelCase } from "../../src/lib/letter-case.ts";
import type { Codec } from "../../src/project/compose/codec.ts";
import { composeFields } from "../../src/project/compose/file-fields.ts";
import { buildFields } from "../../src/project/compose/mapping/build.ts";
import { serviceFields } from "../../src/project/compose/mapping/service-fields.ts";
import { mapCompose } from "./support/compose-project.ts";
import { readPage } from "./support/doc-lines.ts";
import { callsIn, mistakeIn } from "./support/shell-lines.ts";
import { sampleOf } from "./support/compose-samples.ts";

const states = ["works", "refused", "left out"] as const;

interface Row {
  /** "services.build", "" for the whole file, "commands". */
  readonly section: string;
  /** What the first column has between backticks. */
  readonly names: readonly string[];
  readonly state: string;
  readonly text: string;
}

const codesIn = (text: string): string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);

/** "services.NAME.build" in a heading is "services.build". */
function sectionOf(heading: string): string {
  const [code] = codesIn(heading);
  if (code !== undefined) return code.replace(".NAME", "");
  if (/whole file/.test(heading)) return "";
  return /other fields/.test(heading) ? "services" : "commands";
}

function readRows(): Row[] {
  let section = "";
  return readPage("docs/compose-table.md")
    .split("\n")
    .flatMap((line): Row[] => {
      if (line.startsWith("##")) section = sectionOf(line);
      if (!line.startsWith("| `")) return [];
      const [names = "", state = "", text = "", ...more] = line
        .replace(/^\| | ?\|$/g, "")
        .split(/ \| ?/);
      expect([line, more]).toEqual([line, []]);
      return [{ section, names: codesIn(names), state, text }];
    });
}

const rows = readRows();
const fieldRows = rows.filter(({ section }) => section !== "commands");
const pathOf = (section: string, name: string): string =>
  section === "" ? name : `${section}.${name}`;
/** Path -> its row; a row of one value, such as `ipc: host`, is none of a field. */
const byPath = new Map(
  fieldRows.flatMap((row) =>
    row.names
      .filter((name) => /^[\w.]+$/.test(name))
      .map((name) => [pathOf(row.section, name), row] as const),
  ),
);

/** Every field that the reader of Compose files knows, with the fields in it: "services.build.context". */
function pathsIn(codec: Codec, path = ""): string[] {
  return Object.entries(codec.fields ?? {}).flatMap(([key, inner]) => {
    const own = pathOf(path, key);
    return [own, ...pathsIn(inner, own)];
  });
}

/** A field that does not work stands for those in it. */
function isCovered(path: string): boolean {
  const parts = path.split(".");
  const above = parts.map((_, index) => parts.slice(0, index).join("."));
  return (
    byPath.has(path) || above.some((one) => !["works", undefined].includes(byPath.get(one)?.state))
  );
}

describe("docs/compose-table.md", () => {
  test("has a row for every field that the reader knows", () => {
    const known = pathsIn(composeFields);
    expect(known.length).toBeGreaterThan(200);
    expect(known.filter((path) => !isCovered(path))).toEqual([]);
  });

  test("has no row for a field that the reader does not know", () => {
    const known = new Set(pathsIn(composeFields));
    expect([...byPath.keys()].filter((path) => !known.has(path))).toEqual([]);
  });

  test("says of each row one of three things, and why where it does not work", () => {
    const wrong = rows.filter(
      ({ state, text }) => !states.includes(state as "works") || (state !== "works" && text === ""),
    );
    expect(wrong.map(({ names }) => names)).toEqual([]);
    expect(rows.length).toBeGreaterThan(200);
  });
});

/** The names that a `reyns.ts` can have. */
const options = new Set([
  ...Object.values(acceptedKeys).flat(),
  ...Object.keys(networkOptions.entries),
  ...Object.values(networkKeys).flat(),
  ...Object.keys(volumeOptions.entries),
  ...[
    "propagation",
    "createHostPath",
    "selinux",
    "recursive",
    "nocopy",
    "subpath",
    "size",
    "mode",
    "uid",
    "gid",
  ],
  ...["path", "rate", "weight", "soft", "hard"],
]);
const functions = new Set([
  "service",
  "job",
  "project",
  "network",
  "volume",
  "variable",
  "required",
  "import",
  "if",
  "for",
  "constant",
]);

/** What a rule of the importer makes of a field. */
function stateOf(rule: unknown): (typeof states)[number] {
  if (typeof rule !== "object" || rule === null) return "works";
  if ("refused" in rule) return "refused";
  return "ignored" in rule && String(rule.ignored).startsWith("read before") ? "works" : "left out";
}

describe("a row of a field that works", () => {
  const working = fieldRows
    .filter(({ state }) => state === "works")
    .map((row) => ({ ...row, title: `${row.section}: ${row.names.join(", ")}` }));
  test.each(working)("$title", ({ names, text }) => {
    const words = codesIn(text).flatMap((code) => code.match(/\w+/g) ?? []);
    const isNamed = words.some((word) => options.has(word) || functions.has(word));
    const isSame = names.every((name) =>
      options.has(camelCase(name.split(/[:.]/).at(name.includes(":") ? 0 : -1) ?? "")),
    );
    expect(isNamed || isSame).toBe(true);
  });

  test("is not refused in compose.yaml", () => {
    const rules = { services: serviceFields, "services.build": buildFields };
    for (const [section, fields] of Object.entries(rules))
      for (const [field, rule] of Object.entries(fields)) {
        const state = stateOf(rule);
        expect([field, byPath.get(pathOf(section, field))?.state]).toEqual([field, state]);
      }
  });

  const values = fieldRows
    .filter(({ state }) => state === "works")
    .flatMap(({ section, names }) =>
      names.filter((name) => /^\w+: /.test(name)).map((name) => ({ section, name })),
    );
  test.each(values)("$name is not refused", async ({ section, name }) => {
    const { errors } = await mapCompose(sampleOf(section, name) ?? { services: {} });
    expect(errors).toEqual([]);
  });
});

describe("a row of a field that is refused", () => {
  const refused = fieldRows
    .filter(({ state }) => state === "refused")
    .flatMap(({ section, names, text }) => names.map((name) => ({ section, name, text })));

  test.each(refused)("$section $name", async ({ section, name, text }) => {
    const sample = sampleOf(section, name);
    expect(sample).toBeDefined();
    const { errors } = await mapCompose(sample ?? { services: {} });
    expect(errors).toHaveLength(1);
    const hint = errors[0]?.split(" | ")[1]?.replace(/[;,] or allow=\S+ leaves it out$/, "");
    // Without a hint, the row says why.
    if (hint !== "remove it") expect(text).toContain(hint ?? "");
  });
});

describe("a row of a field that is left out", () => {
  const ignored = fieldRows
    .filter(({ state }) => state === "left out")
    .flatMap(({ section, names }) => names.map((name) => ({ section, name })));

  test.each(ignored)("$section $name", async ({ section, name }) => {
    const sample = sampleOf(section, name);
    // What only the reader looks at has its own tests.
    if (!sample) return expect(["", "services.develop"]).toContain(section);
    const { mapped, errors } = await mapCompose(sample);
    const without = await mapCompose(sampleOf(section, name, true) ?? sample);
    expect(errors).toEqual([]);
    expect(mapped.services).toEqual(without.mapped.services);
  });
});

describe("a row of a command", () => {
  const calls = rows
    .filter(({ section }) => section === "commands")
    .flatMap(({ names, state, text }) => names.map((name) => ({ name, state, text })))
    .filter(({ name }) => /^[a-z]/.test(name));

  test.each(calls.filter(({ state }) => state === "works"))(
    "$name works",
    async ({ name, text }) => {
      const here = codesIn(text).flatMap(callsIn);
      const isSame = (await mistakeIn(name.split(" "))) === undefined;
      expect(
        isSame || here.length > 0 || codesIn(text).some((code) => /^(build|pullPolicy)/.test(code)),
      ).toBe(true);
    },
  );

  test.each(calls.filter(({ state }) => state !== "works"))("$name does not", async ({ name }) => {
    expect(await mistakeIn(name.split(" "))).toBeDefined();
  });

  /** Those of Docker Compose 5. */
  const known =
    "alpha attach bridge build commit config cp create down events exec export images kill logs ls pause port ps publish pull push restart rm run scale start stats stop top unpause up version volumes wait watch";
  test.each(known.split(" "))("%s has one", (command) => {
    expect(calls.some(({ name }) => name.split(" ")[0] === command)).toBe(true);
  });
});
