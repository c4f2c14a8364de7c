// Writes the receipt of what runs from a folder, as a test that passed would: bun write-receipt.ts FOLDER [CONF]
import { writeReceipt } from "../../../src/cli/common/receipts/write.ts";
import { throwAll } from "../../../src/errors.ts";
import { findProject } from "../../../src/project/locate.ts";
import { inspectProject } from "../../../src/project/read.ts";
import { openEngine } from "../../../src/runtime/connect.ts";
import { observeContainers } from "../../../src/runtime/observe/containers.ts";

const [folder = ".", conf] = process.argv.slice(2).map((word) => word || undefined);
const place = await findProject(folder, process.env, "reyns");
const { project, errors } = await inspectProject(place, process.env, conf);
throwAll(errors);
const engine = await openEngine(process.env);
const { instances } = await observeContainers(engine, project, async () => project.name);
const tests = [{ name: "it answers", milliseconds: 12.4 }];
console.log(await writeReceipt({ engine, project, instances, tests, startedAt: new Date() }));
