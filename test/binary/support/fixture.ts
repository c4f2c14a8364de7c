import { cp, mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectIn, type Project } from "./project.ts";

/** A copy of a project of test/fixtures, in a folder of its name: its images are called after that. */
export async function copyFixture(name: string): Promise<Project> {
  const outer = await realpath(await mkdtemp(join(tmpdir(), "reyns-test-")));
  const folder = join(outer, name);
  const fixtures = join(dirname(dirname(import.meta.dir)), "fixtures");
  await cp(join(fixtures, name), folder, { recursive: true });
  return projectIn(folder, { outer });
}
