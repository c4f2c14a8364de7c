import { describe, expect, test } from "bun:test";
import { mayUseShell, shellNames } from "../../src/project/script/uses-shell.ts";
import { createShellHelpers } from "../../src/api/shell.ts";

const plain = 'import { service, link as to } from "reyns";\n';

describe("zx is not loaded without its exports", () => {
  test.each([
    [plain],
    ['import {\n  service,\n  ready,\n} from "reyns";\nimport { hostname } from "node:os";'],
    [`${plain}service("web", { instance: \`i\${1}\`, command: "echo $HOME; sleep 1", path: 1 });`],
    ["import type { ServiceOptions } from \"reyns\";\nimport { dns } from 'reyns';"],
    [""],
  ])("%j", (text) => {
    expect(mayUseShell(text)).toBe(false);
  });
});

describe("zx is loaded if a file may use it", () => {
  test.each([
    ['import { service, $ } from "reyns";'],
    ['import { glob as find } from "reyns";'],
    ['import * as reyns from "reyns";'],
    ['export * from "reyns";'],
    [`${plain}import { more } from "./more.ts";`],
    [`${plain}import "./more.ts";`],
    [`${plain}import { $ } from "zx";`],
    [`${plain}const { $ } = await import("reyns");`],
    [`${plain}const { $ } = require("zx");`],
    [`${plain}import leftPad from "left-pad";`],
  ])("%j", (text) => {
    expect(mayUseShell(text)).toBe(true);
  });
});

test("the names are those of the module", async () => {
  expect(shellNames.toSorted()).toEqual(
    Object.keys(createShellHelpers(await import("zx"), "reyns.ts")).toSorted(),
  );
});
