import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runOnce } from "./measure.ts";

/** The demo project and a Compose project of as many containers, both built and running. */
export interface Stage extends AsyncDisposable {
  /** Folder of the demo. */
  readonly demo: string;
  /** Folder of the Compose project; undefined without docker-compose. */
  readonly compose: string | undefined;
}

interface Tools {
  readonly reyns: string;
  readonly compose: string | undefined;
}

/** The same images as the demo's, in Compose's words. */
const composeFile = `
name: reyns-bench
services:
  dns: { image: reyns/reyns-base, container_name: reyns-bench-dns }
  one: { image: reyns/reyns-base, container_name: reyns-bench-one, depends_on: [dns] }
  two: { image: reyns/reyns-base, container_name: reyns-bench-two, depends_on: [dns] }
`;

/** Builds and runs everything in a temporary folder; all of it goes with the stage. */
export async function createStage({ reyns, compose }: Tools): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "reyns-bench-"));
  const demo = join(folder, "reyns-demo");
  await runOnce([reyns, "install_demo"], folder);
  await runOnce([reyns, "build", "all"], demo);
  await runOnce([reyns, "run", "all"], demo);
  if (compose !== undefined) {
    await writeFile(join(folder, "compose.yaml"), composeFile);
    await runOnce([compose, "up", "-d"], folder);
  }
  return {
    demo,
    compose: compose === undefined ? undefined : folder,
    [Symbol.asyncDispose]: async () => {
      await runOnce([reyns, "clean", "all", "force=True"], demo);
      if (compose !== undefined) await runOnce([compose, "down", "-t", "0"], folder);
      await rm(folder, { recursive: true });
    },
  };
}
