import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askEngine } from "./engine.ts";
import { measure, median } from "./measure.ts";
import type { Measurement, Row } from "./rows.ts";
import type { Many, Stage } from "./stage.ts";

const seconds = 30;
const bytes = 1e9;

/** What commands take that go on, and those that carry many bytes. */
export async function* streamRows(stage: Stage): AsyncGenerator<Row> {
  yield followRow(await stage.many(100), "stats follow", async () => {});
  yield followRow(await stage.many(100), "events", signalAll);
  for (const direction of ["into", "out of"] as const)
    yield copyRow(await stage.many(1), direction);
}

/** The processor time of the command itself, in percent of a core; not that of the Engine. */
function followRow(
  many: Many,
  line: string,
  happen: (many: Many, isOver: () => boolean) => Promise<void>,
): Row {
  const take = async (): Promise<Measurement> => {
    await many.reyns("run all");
    const child = many.start(line);
    try {
      await Bun.sleep(5000);
      const shares: number[] = [];
      for (let round = 0; round < 3; round++) shares.push(await shareOf(child.pid, many, happen));
      return { ours: median(shares) };
    } finally {
      child.kill();
      await child.exited;
      await many.clean();
    }
  };
  return { name: `processor time of ${line} of 100`, unit: "%", take, limit: { most: 3 } };
}

async function shareOf(
  pid: number,
  many: Many,
  happen: (many: Many, isOver: () => boolean) => Promise<void>,
): Promise<number> {
  const [before, started] = [await secondsOf(pid), performance.now()];
  let isOver = false;
  const happening = happen(many, () => isOver);
  await Bun.sleep(seconds * 1000);
  isOver = true;
  await happening;
  const passed = (performance.now() - started) / 1000;
  return ((await secondsOf(pid)) - before) / (passed / 100);
}

/** Processor time of a process, in seconds: proc(5), utime and stime in hundredths. */
async function secondsOf(pid: number): Promise<number> {
  const stat = await Bun.file(`/proc/${pid}/stat`).text();
  // After the name, which may have spaces in it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** An event ten times a second, of one instance after the other. */
async function signalAll({ engineList }: Many, isOver: () => boolean): Promise<void> {
  const ids = await engineList();
  for (let count = 0; !isOver(); count++) {
    await askEngine("POST", `/containers/${ids[count % ids.length]}/kill?signal=CONT`);
    await Bun.sleep(100);
  }
}

/** Compose's `cp` is the code of `docker cp`. */
function copyRow(many: Many, direction: "into" | "out of"): Row {
  const take = async (): Promise<Measurement> => {
    const { reyns, compose, clean } = many;
    const file = join(tmpdir(), `reyns-bench-${process.pid}.copied`);
    try {
      await Bun.write(file, new Uint8Array(bytes));
      await reyns("run all");
      await compose?.("up -d");
      await reyns(`cp ${file} web:/copied`);
      await compose?.(`cp ${file} web0:/copied`);
      const [from, to] = direction === "into" ? [file, ":/copied"] : [":/copied", file];
      const call = (name: string): string =>
        `cp ${[from, to].map((end) => (end.startsWith(":") ? name + end : end)).join(" ")}`;
      const ours = { work: () => reyns(call("web")) };
      const theirs = compose && { work: () => compose(call("web0")) };
      const [time = NaN, reference] = await measure([ours, ...(theirs ? [theirs] : [])], 7);
      return { ours: time, theirs: reference };
    } finally {
      await clean();
      await rm(file, { force: true });
    }
  };
  return {
    name: `cp of 1 GB ${direction} an instance`,
    unit: "ms",
    take,
    limit: { compose: 1.2 },
  };
}
