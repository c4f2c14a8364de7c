import { expect, test } from "bun:test";
import { addStages, findStageProblem } from "../../src/project/services/named-contexts.ts";

const contexts = [
  { name: "files", image: "shop/web.files", folder: "/files" },
  { name: "base", image: "debian:12" },
];

test("stages of contexts stand before the first FROM, after what may come before it", () => {
  const { text, addedStages } = addStages("# syntax=x\nARG A=1\nfrom a\nFROM b\n", contexts);
  expect(text).toBe(
    "# syntax=x\nARG A=1\nFROM shop/web.files AS files\nFROM debian:12 AS base\nfrom a\nFROM b\n",
  );
  expect(addedStages).toEqual({
    line: 2,
    count: 2,
    folders: [{ image: "shop/web.files", folder: "/files" }],
  });
});

test.each([
  ["FROM a\nCOPY --from=0 /a /b", 2],
  ["FROM a\nRUN --mount=from=12,target=/a true", 2],
  ["FROM a\nFROM --platform=linux/arm64 b as Files", 2],
  ["FROM a AS other\nCOPY --from=other /a /b\nRUN echo from=x", undefined],
])("a Dockerfile that has its own idea of stages is refused at its line: %j", (text, line) => {
  expect(findStageProblem(text, contexts)?.line).toBe(line as number);
});
