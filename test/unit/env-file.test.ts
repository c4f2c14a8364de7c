import { expect, test } from "bun:test";
import { join } from "node:path";
import { readEnvFiles } from "../../src/api/env-file.ts";
import { temporaryFolder } from "../engine/support/images-container.ts";

const at = { file: "/shop/reyns.ts", line: 1 };

interface Reading {
  readonly env: object;
  readonly faults: readonly (string | number | undefined)[];
  readonly warnings: readonly string[];
}

/** Reads the texts as one env file after the other, for a caller with `CALLER=here`. */
async function read(...texts: (string | Uint8Array)[]): Promise<Reading> {
  await using folder = await temporaryFolder();
  const names = texts.map((_, index) => ({ path: `${index}.env`, required: true }));
  for (const [index, text] of texts.entries())
    await Bun.write(join(folder.path, `${index}.env`), text);
  const { env, errors, warnings } = readEnvFiles(names, folder.path, at, { CALLER: "here" });
  const faults = errors.flatMap(({ at: place, message }) => [place?.line, message]);
  return { env, faults, warnings };
}

test.each([
  ["", {}],
  ["A=1\r\nexport B = two # a comment\n\n# another\n  C=\n", { A: "1", B: "two", C: "" }],
  ["A=\"two\nlines\" # here\nB='it is'\nD.e=`f`\n", { A: "two\nlines", B: "it is", "D.e": "`f`" }],
  ['\uFEFFA=1\r\nB="x\r\ny"\r\nCALLER\r\nNOBODY\r\n', { A: "1", B: "x\ny", CALLER: "here" }],
])("%j is read completely", async (text, env) => {
  expect(await read(text)).toEqual({ env, faults: [], warnings: [] });
});

test("a later file wins, and its variables take the values of the earlier file", async () => {
  const { env } = await read("A=1\nB=$A\n", "A=2\nC=$A$B\nCALLER=file\nD=$CALLER\n");
  expect(env).toEqual({ A: "2", B: "1", C: "21", CALLER: "file", D: "file" });
});

test.each([
  ["A=1\nPASSWORD hunter2\nB=2\n", [2, "not a variable"]],
  ["=x\nA B=x\n", [1, "not a variable", 2, "not a variable"]],
  ['A=1\nB="open\nC=3\n', [2, "unclosed quotation mark"]],
  ["A='x'y\nB='z'\n", [1, "unexpected text after the closing quotation mark"]],
  ['A="a\nb" c\n', [2, "unexpected text after the closing quotation mark"]],
  ["A=1\nB=${hunter2\n", [2, "invalid variable after a dollar sign"]],
])("mistakes in %j are reported with their line but without their text", async (text, faults) => {
  expect((await read(text)).faults).toEqual(faults);
});

test("a file that is not UTF-8 is refused at its line", async () => {
  const utf16 = Buffer.from("\uFEFFA=1\n", "utf16le");
  const latin1 = Buffer.from("A=1\nB=Gr\xFC\xDFe\n", "latin1");
  expect((await read(utf16)).faults).toEqual([1, "the text is not UTF-8"]);
  expect((await read(latin1)).faults).toEqual([2, "the text is not UTF-8"]);
  const unmarked = Buffer.from("A=1\n", "utf16le");
  expect((await read(unmarked)).faults.slice(0, 2)).toEqual([1, "not a variable"]);
});

test("a variable that is not set anywhere is empty, with a warning at its line", async () => {
  const { env, warnings } = await read("A=1\nB=pa$word\n");
  expect(env).toEqual({ A: "1", B: "pa" });
  expect(warnings).toEqual([
    expect.stringContaining("0.env:2: the value of B contains a variable that is not set"),
  ]);
  expect(warnings.join()).not.toContain("word");
});

test("only a required file has to be there", async () => {
  await using folder = await temporaryFolder();
  const readOne = (required: boolean): number =>
    readEnvFiles([{ path: "none.env", required }], folder.path, at).errors.length;
  expect([readOne(true), readOne(false)]).toEqual([1, 0]);
});
