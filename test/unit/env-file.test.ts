import { expect, test } from "bun:test";
import { join } from "node:path";
import { readEnvFiles } from "../../src/api/env-file.ts";
import { temporaryFolder } from "../engine/support/images-container.ts";

const at = { file: "/shop/reyns.ts", line: 1 };

async function read(
  text: string,
): Promise<{ env: object; faults: (string | number | undefined)[] }> {
  await using folder = await temporaryFolder();
  await Bun.write(join(folder.path, "web.env"), text);
  const { env, errors } = readEnvFiles(["web.env"], folder.path, at);
  return { env, faults: errors.flatMap(({ at: place, message }) => [place?.line, message]) };
}

test.each([
  ["", {}],
  ["A=1\r\nexport B = two # a comment\n\n# another\n  C=\n", { A: "1", B: "two", C: "" }],
  ["A=\"two\nlines\" # here\nB='it is'\nD.e=`f`\n", { A: "two\nlines", B: "it is", "D.e": "f" }],
])("%j is read completely", async (text, env) => {
  expect(await read(text)).toEqual({ env, faults: [] });
});

test.each([
  ["A=1\nPASSWORD hunter2\nB=2\n", [2, "not a variable"]],
  ["=x\n1A=x\n", [1, "not a variable", 2, "not a variable"]],
  ['A=1\nB="open\nC=3\n', [2, "unclosed quotation mark"]],
  ["A='x'y\nB='z'\n", [1, "unexpected text after the closing quotation mark"]],
  ['A="a\nb" c\n', [2, "unexpected text after the closing quotation mark"]],
])("mistakes in %j are reported with their line but without their text", async (text, faults) => {
  expect((await read(text)).faults).toEqual(faults);
});
