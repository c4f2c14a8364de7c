// Records which functions of dist/reyns its usual calls use, and in which order, into scripts/bytecode.order, by which
// scripts/build.ts lays out the bytecode: what is used stands together, and pages with the rest are not read.
// To be called, after a build, when test/binary/bytecode-order.test.ts says so. Needs an Engine and the base images.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDemo, type Project } from "../test/binary/support/project.ts";
import { removeInstallation } from "../test/binary/support/reyns.ts";

/** What is used by several stands with the first of them. */
const calls = [
  "version",
  "ps",
  "run all",
  // Again, with nothing to do.
  "run all",
  "clean all force=True",
  "build all",
  "ps all",
  "help",
  "check",
];

/** Calls the executable, and resolves to what Bun records of it: https://bun.com/docs/bundler/executables */
async function recordOf(project: Project, words: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "reyns-order-"));
  try {
    await project.must(words, { env: { BUN_BYTECODE_ORDER_OUT: join(folder, "%p") } });
    const names = await readdir(folder);
    const records = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
    return records.join("");
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function record(): Promise<void> {
  await using demo = await createDemo();
  let records = "";
  for (const words of calls) records += await recordOf(demo, words);
  // The functions and modules that were used. The order of texts, which is recorded as well, gives nothing that can be
  // measured, and nearly all lines are of functions that were not used.
  const lines = [...new Set(records.match(/^[FM] .*/gm))];
  const [format] = records.split("\n", 1);
  await writeFile(join(import.meta.dir, "bytecode.order"), [format, ...lines, ""].join("\n"));
  console.log(`${lines.length} functions and modules`);
}

await record();
await removeInstallation();
