import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Copies } from "./copies.ts";
import { measure, median, runOnce } from "./measure.ts";
import { type Measurement, type Row, timed } from "./rows.ts";
import type { Stage } from "./stage.ts";

/** What a compose.yaml costs that is the project itself. */
export async function* composeRows(stage: Stage, tools: Copies): AsyncGenerator<Row> {
  yield readingRow(tools);
  for (const check of ["without", "with"] as const) {
    const { reyns, compose } = await stage.composeFile(20, check === "with");
    // Reyns takes nothing of docker-compose over unasked.
    const before = async (): Promise<void> => {
      await reyns("clean all force=true");
      await compose?.("down --timeout 0");
    };
    yield timed({
      name: `run all of 20 in a compose.yaml, ${check} health checks`,
      ours: { work: () => reyns("run all"), before },
      theirs: compose && { work: () => compose("up -d --wait"), before },
      limit: { compose: 1 },
      rounds: 5,
      finish: before,
    });
  }
}

const fixtures = join(dirname(import.meta.dir), "test", "fixtures", "compose");

/** The projects of the tests, each read and converted; the median. The floor is the start of the executable. */
function readingRow({ reyns }: Copies): Row {
  const take = async (): Promise<Measurement> => {
    const folder = await mkdtemp(join(tmpdir(), "reyns-bench-"));
    try {
      await cp(fixtures, folder, { recursive: true });
      const names = (await readdir(folder)).filter((name) =>
        existsSync(join(folder, name, "created.json")),
      );
      const start = { work: () => runOnce([reyns(), "version"], folder) };
      const times = await measure(
        [
          ...names.map((name) => ({
            work: () => runOnce([reyns(), "convert", "check"], join(folder, name)),
          })),
          start,
        ],
        5,
      );
      return { ours: median(times.slice(0, -1)), floor: times.at(-1) };
    } finally {
      await rm(folder, { recursive: true });
    }
  };
  return { name: "reading and converting a compose.yaml", unit: "ms", take, limit: { over: 50 } };
}
