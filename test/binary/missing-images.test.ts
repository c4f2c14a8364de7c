import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createProject, listOwned } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

interface Case {
  readonly what: string;
  readonly bad: string;
  readonly dockerfile?: string;
  readonly says: readonly string[];
}

const cases: readonly Case[] = [
  {
    what: "no registry has it",
    bad: '{ image: "reyns-test/no-such-image:1", instance: "one" }',
    says: ["error cannot pull the image reyns-test/no-such-image:1", "docker pull"],
  },
  {
    what: "its build fails",
    bad: '{ instance: "one" }',
    dockerfile: `FROM ${smallImage}\nRUN cat /nothing-there\n`,
    says: ["error services/bad/Dockerfile:2: building", "can't open '/nothing-there'"],
  },
  {
    what: "its base image is gone",
    bad: '{ instance: "one" }',
    dockerfile: `FROM ${smallImage}\nFROM --platform=linux/amd64 reyns-test/no-such-base AS last\n`,
    says: [
      "error services/bad/Dockerfile:2: building",
      "failed at FROM reyns-test/no-such-base",
      "the image reyns-test/no-such-base is not on the Engine, and cannot be pulled",
    ],
  },
];

describe("run starts nothing and leaves nothing when it cannot get an image", () => {
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

  test("rerun keeps the running container when it cannot get the new image", async () => {
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
