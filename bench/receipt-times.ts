// Times a run by receipt beside a plain one, and the writing of a receipt.
import { must } from "../test/engine/support/images-container.ts";
import { createProject, type Project } from "../test/binary/support/project.ts";
import { writeReceiptOf } from "../test/binary/support/receipts.ts";
import { smallImage } from "../test/binary/support/small-image.ts";
import { writeReceipt } from "../src/cli/common/receipts/write.ts";
import { findProject } from "../src/project/locate.ts";
import { inspectProject } from "../src/project/read.ts";
import { openEngine } from "../src/runtime/connect.ts";
import type { ReceiptResult } from "./receipt-changes.ts";

const script = (name: string, images: readonly string[]): string => `
import { project, service, ready } from "reyns";
project("${name}");
${images
  .map(
    (image, index) => `service("web${index}", {
  image: "${image}", command: ["sleep", "999"], stopSignal: "SIGKILL", ready: ready.started(),
  env: { MODE: "test" }, volumes: ["./site:/site:ro"],
});`,
  )
  .join("\n")}
`;

const site = { "site/index.html": "hello\n", "site/app.js": "start();\n".repeat(10_000) };

/** Eight services that start, and the same when they run already: both in turn, the median of each. */
export async function compareRuns(): Promise<ReceiptResult[]> {
  const images = Array<string>(8).fill(smallImage);
  await using project = await createProject({
    "reyns.ts": script("receipt-times", images),
    ...site,
  });
  await project.must("run all");
  const receipt = await writeReceiptOf(project.folder);
  const calls = { plain: "run all", receipt: `run all receipt=${receipt}` } as const;
  const started = await compare(project, calls, 10, () => project.must("clean all force=True"));
  const unchanged = await compare(project, calls, 40, () => Promise.resolve(""));
  return [
    { name: "run by receipt / plain run, 8 services start", value: started, limit: 1.05 },
    { name: "run by receipt / plain run, nothing to do", value: unchanged },
  ];
}

async function compare(
  project: Project,
  calls: Readonly<Record<"plain" | "receipt", string>>,
  count: number,
  before: () => Promise<string>,
): Promise<number> {
  const times = { plain: [] as number[], receipt: [] as number[] };
  for (let index = 0; index < count; index++)
    for (const kind of index % 2
      ? (["receipt", "plain"] as const)
      : (["plain", "receipt"] as const)) {
      await before();
      const start = performance.now();
      await project.must(calls[kind]);
      times[kind].push(performance.now() - start);
    }
  return median(times.receipt) / median(times.plain);
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;
}

/** Of a project with as many images, each an image of its own, in seconds. */
export async function timeWriting(count: number): Promise<ReceiptResult> {
  const names = Array.from({ length: count }, (_, index) => `receipt-bench/image-${index}:1`);
  for (const name of names) await makeImage(name);
  try {
    await using project = await createProject({
      "reyns.ts": script("receipt-writing", names),
      ...site,
    });
    const place = await findProject(project.folder, process.env, "reyns");
    const { project: read } = await inspectProject(place, process.env);
    const engine = await openEngine(process.env);
    const tested = { engine, project: read, instances: [], tests: [], startedAt: new Date() };
    await writeReceipt(tested);
    const start = performance.now();
    await writeReceipt(tested);
    const value = (performance.now() - start) / 1000;
    return { name: `seconds to write a receipt of ${count} images`, value, limit: 1 };
  } finally {
    await must("docker", "rmi", ...names);
  }
}

/** The small image with another label. */
async function makeImage(name: string): Promise<void> {
  const container = await must("docker", "create", smallImage);
  await must("docker", "commit", "--change", `LABEL bench=${name}`, container, name);
  await must("docker", "rm", container);
}
