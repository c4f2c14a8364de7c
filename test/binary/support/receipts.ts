import { inspectProject } from "../../../src/project/read.ts";
import { findProject } from "../../../src/project/locate.ts";
import type { Project } from "../../../src/model/project.ts";
import { writeReceipt } from "../../../src/cli/common/receipts/write.ts";
import { openEngine } from "../../../src/runtime/connect.ts";
import { observeContainers } from "../../../src/runtime/observe/containers.ts";

/** Reads the project in a folder, which has no mistakes. */
async function readProject(folder: string, conf?: string): Promise<Project> {
  const env = { ...process.env };
  const place = await findProject(folder, env, "reyns");
  const { project, errors } = await inspectProject(place, env, conf);
  expectNone(errors);
  return project;
}

function expectNone(errors: readonly Error[]): void {
  if (errors.length > 0) throw new AggregateError(errors);
}

/** Writes the receipt of what runs from a folder, as a test that passed would. */
export async function writeReceiptOf(
  folder: string,
  { conf, startedAt = new Date() }: { conf?: string; startedAt?: Date } = {},
): Promise<string> {
  const project = await readProject(folder, conf);
  const engine = await openEngine(process.env);
  const { instances } = await observeContainers(engine, project, async () => project.name);
  const tests = [{ name: "it answers", milliseconds: 12.4 }];
  return writeReceipt({ engine, project, instances, tests, startedAt });
}
