import { describe, expect, test } from "bun:test";
import { cleanQuestion, noData } from "../../src/cli/commands/clean/data.ts";

describe("down asks nothing about what it names and the definition declares", () => {
  const leaving = ["web-1", "db-1"];
  const project = { name: "shop", origin: "/shop" };
  const found = { host: "db-1", project, imageId: "sha256:1" };
  const volume = { ...found, folders: [], volumes: ["shop_data"] };
  const folder = { ...found, folders: ["/srv/data_shop/db-1"], volumes: [] };

  test("instances and declared volumes go without a question, which clean asks", () => {
    for (const data of [noData, { ...noData, kept: [volume] }, { ...noData, volumes: ["own"] }]) {
      expect(cleanQuestion({ leaving, data }, "unlessFolders", noData)).toBeUndefined();
      expect(cleanQuestion({ leaving, data }, false)).toContain("emove");
    }
  });

  test.each([{ kept: [volume] }, { volumes: ["old"] }])("others do not: %j", (stored) => {
    const data = { ...noData, ...stored };
    expect(cleanQuestion({ leaving, data }, "unlessFolders", data)).toMatch(
      /volume (shop_data|old)/,
    );
  });

  test.each([{ kept: [folder] }, { former: [folder] }])("folders do not: %j", (stored) => {
    const question = cleanQuestion({ leaving, data: { ...noData, ...stored } }, "unlessFolders");
    expect(question).toContain("data_shop/db-1");
    expect(cleanQuestion({ leaving, data: { ...noData, ...stored } }, true)).toBeUndefined();
  });
});
