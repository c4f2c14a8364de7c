import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { temporaryFolder } from "../engine/support/images-container.ts";
import { callWords, faultOf } from "../property/support/words.ts";
import { seed } from "../support/seed.ts";
import { reyns } from "./support/reyns.ts";

setDefaultTimeout(240_000);

test("the executable survives random words", async () => {
  await using folder = await temporaryFolder();
  const project = join(folder.path, "a/b/c/shop");
  await mkdir(project, { recursive: true });
  await Bun.write(
    join(project, "reyns.ts"),
    'import { service } from "reyns";\nservice("web", {});\n',
  );
  const env = { DOCKER_HOST: "unix:///nowhere/docker.sock", HOME: folder.path };
  for (const words of fc.sample(callWords, { seed, numRuns: 80 })) {
    const { status, stdout, stderr } = await reyns(project, words, { env });
    const fault = faultOf(status, stdout + stderr);
    expect({ seed, words, fault }).toEqual({ seed, words, fault: undefined });
  }
});
