import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createProject, listOwned } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(60_000);

interface Case {
  readonly what: string;
  readonly bad: string;
  readonly dockerfile?: string;
  readonly says: readonly string[];
}

const cases: readonly Case[] = [
  {
    what: "an image that no registry gives",
    bad: '{ image: "reyns-test/no-such-image:1", instance: "one" }',
    says: ["error cannot pull the image reyns-test/no-such-image:1", "docker pull"],
  },
  {
    what: "a build that fails",
    bad: '{ instance: "one" }',
    dockerfile: `FROM ${smallImage}\nRUN cat /nothing-there\n`,
    says: ["error services/bad/Dockerfile:2: building", "can't open '/nothing-there'"],
  },
  {
    what: "a base image that is gone",
    bad: '{ instance: "one" }',
    dockerfile: `FROM ${smallImage}\nFROM --platform=linux/amd64 reyns-test/no-such-base AS last\n`,
    says: ["error services/bad/Dockerfile:2: building", "failed at FROM reyns-test/no-such-base"],
  },
];

describe("an image that cannot be had: nothing is started, nothing stays", () => {
  beforeAll(importSmallImage);

  for (const { what, bad, dockerfile, says } of cases) {
    test(what, async () => {
      await using shop = await createProject({
        ...(dockerfile === undefined ? {} : { "services/bad/Dockerfile": dockerfile }),
        // What could start at once is not started either.
        "reyns.ts": `import { service } from "reyns";
service("good", { image: "${smallImage}", instance: "one", stopSignal: "KILL" });
service("bad", ${bad});
`,
      });
      const { status, stderr } = await shop.reyns("run all");
      for (const words of says) expect(stderr).toContain(words);
      expect(stderr).toContain("never started: ");
      expect(status).toBe(1);
      expect(await listOwned(shop.folder)).toEqual([]);
    });
  }

  test("while others run: they run on, the same containers", async () => {
    const definition = (image: string): string => `import { service } from "reyns";
service("good", { image: "${image}", instance: "one", stopSignal: "KILL" });
`;
    await using shop = await createProject({ "reyns.ts": definition(smallImage) });
    await shop.must("run all");
    const before = await shop.json("ps");
    await shop.write({ "reyns.ts": definition("reyns-test/no-such-image:2") });
    const { status } = await shop.reyns("rerun good one");
    expect(status).toBe(1);
    expect(await shop.json("ps")).toEqual(before);
  });
});
