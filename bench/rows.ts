import { measure, median, runOnce, type Timed } from "./measure.ts";
import type { Copies } from "./copies.ts";
import { type Many, type Stage, startUntil } from "./stage.ts";

/** A measurement, in the row's unit. */
export interface Measurement {
  readonly ours: number;
  /** docker-compose's; undefined if it is missing or has no equivalent. */
  readonly theirs?: number | undefined;
  /** The Engine's calls alone. */
  readonly floor?: number | undefined;
}

/** A measurement and its budget. */
export interface Row {
  readonly name: string;
  readonly unit: "ms" | "MB" | "%";
  readonly take: () => Promise<Measurement>;
  /** Maxima: `compose` and `floor` are ratios, `over` is an amount above the floor, `most` an amount. */
  readonly limit: {
    readonly compose?: number;
    readonly floor?: number;
    readonly over?: number;
    readonly most?: number;
  };
}

interface Comparison {
  readonly name: string;
  readonly ours: Timed;
  readonly theirs?: Timed | undefined;
  readonly floor?: Timed | undefined;
  readonly limit: Row["limit"];
  readonly rounds?: number;
  /** Run before all rounds, and after them. */
  readonly prepare?: () => Promise<unknown>;
  readonly finish?: () => Promise<unknown>;
}

/** The measurements. They are independent and leave nothing running. */
export async function* rowsOn(stage: Stage, tools: Copies): AsyncGenerator<Row> {
  yield* startRows(tools);
  yield* listRows(stage);
  yield* runRows(stage);
  yield planOf100(await stage.many(100));
  yield oneOffRow(await stage.many(1));
  yield* demoRows(stage);
  yield* buildRows(stage);
  yield await memoryRow(stage);
  yield entrypointRow();
}

export function timed({ name, limit, ours, theirs, floor, ...how }: Comparison): Row {
  const all = [ours, theirs, floor].filter((work) => work !== undefined);
  const take = async (): Promise<Measurement> => {
    await how.prepare?.();
    const times = await measure(all, how.rounds ?? 25);
    await how.finish?.();
    const of = (work: Timed | undefined): number | undefined => work && times[all.indexOf(work)];
    return { ours: of(ours) ?? NaN, theirs: of(theirs), floor: of(floor) };
  };
  return { name, limit, unit: "ms", take };
}

function* startRows({ reyns, compose }: Copies): Generator<Row> {
  const call = (tool: () => string, ...args: string[]): Timed => ({
    work: () => runOnce([tool(), ...args], "/"),
  });
  const theirs = compose === undefined ? undefined : call(compose, "version");
  for (const word of ["version", "help"])
    yield timed({ name: word, ours: call(reyns, word), theirs, limit: { compose: 0.4 } });
  const line = "--line=reyns run web ";
  yield timed({
    name: "completion of a word",
    ours: call(reyns, "__complete", "--shell=bash", line),
    limit: { most: 15 },
  });
}

async function* listRows(stage: Stage): AsyncGenerator<Row> {
  for (const count of [0, 20]) {
    const many = await stage.many(count);
    const { reyns, compose, engineList } = many;
    yield timed({
      name: `ps of ${count}`,
      ours: { work: () => reyns("ps") },
      theirs: compose && { work: () => compose("ps") },
      floor: { work: engineList },
      limit: { compose: 0.4 },
      ...(count > 0 && whileRunning(many)),
    });
  }
  yield listOf100(await stage.many(100));
  const many = await stage.many(20);
  const { reyns, compose } = many;
  yield timed({
    name: "run all of 20, nothing to do",
    ours: { work: () => reyns("run all") },
    theirs: compose && { work: () => compose("up -d") },
    limit: { compose: 0.8 },
    ...whileRunning(many),
  });
}

/** Measures one tool after the other, because two hundred containers at once would overload the Engine. */
function listOf100({ reyns, compose, clean, engineList }: Many): Row {
  const take = async (): Promise<Measurement> => {
    await reyns("run all");
    const [ours = NaN, floor] = await measure(
      [{ work: () => reyns("ps") }, { work: engineList }],
      60,
    );
    await clean();
    if (!compose) return { ours, floor };
    await compose("up -d");
    const [theirs] = await measure([{ work: () => compose("ps") }], 15);
    await clean();
    return { ours, theirs, floor };
  };
  return { name: "ps of 100", unit: "ms", take, limit: { compose: 0.4, over: 15 } };
}

/** Starts all instances with both tools first. */
function whileRunning({ reyns, compose, clean }: Many): Pick<Comparison, "prepare" | "finish"> {
  return {
    prepare: async () => {
      await reyns("run all");
      await compose?.("up -d");
    },
    finish: clean,
  };
}

async function* runRows(stage: Stage): AsyncGenerator<Row> {
  const many = await stage.many(20);
  const { reyns, compose, floor } = many;
  const clean = (): Promise<unknown> => reyns("clean all force=True");
  const run = (): Promise<unknown> => reyns("run all");
  yield timed({
    name: "run all of 20, nothing there",
    ours: { work: run, before: clean },
    theirs: compose && { work: () => compose("up -d"), before: () => compose("down") },
    floor: { work: floor.run, before: floor.clean },
    limit: { compose: 1, floor: 1.05 },
    rounds: 7,
    finish: many.clean,
  });
  yield timed({
    name: "clean all of 20",
    ours: { work: clean, before: run },
    theirs: compose && { work: () => compose("down"), before: () => compose("up -d") },
    floor: { work: floor.clean, before: floor.run },
    limit: { floor: 1.1 },
    rounds: 5,
  });
}

/** Only the first of a run's parts: the floor is a run that finds nothing to do. */
function planOf100({ reyns, clean }: Many): Row {
  return timed({
    name: "plan of 100, against run all with nothing to do",
    ours: { work: () => reyns("plan all") },
    floor: { work: () => reyns("run all") },
    limit: { floor: 1.2 },
    prepare: () => reyns("run all"),
    finish: clean,
  });
}

function oneOffRow({ reyns, compose, clean }: Many): Row {
  return timed({
    name: "run of a command in a fresh container",
    ours: { work: () => reyns("run web i0 -- true") },
    theirs: compose && { work: () => compose("run --rm -T web0 true") },
    limit: { compose: 1.2 },
    rounds: 9,
    finish: clean,
  });
}

function* demoRows({ demo }: Stage): Generator<Row> {
  const clean = (): Promise<unknown> => demo("clean:all,force=True");
  yield timed({
    name: "the demo, until all names resolve",
    ours: { work: () => demo("run:all"), before: clean },
    // A quarter of the 8.7 s that its predecessor took.
    limit: { most: 2175 },
    rounds: 5,
  });
}

async function* buildRows(stage: Stage): AsyncGenerator<Row> {
  const { reyns, compose } = await stage.builds(10);
  yield timed({
    name: "build of 10 small services, without cache",
    ours: { work: () => reyns("build all cache=False") },
    theirs: compose && { work: () => compose("build --no-cache") },
    limit: { compose: 1 },
    rounds: 9,
  });
  yield timed({
    name: "the same build again, unchanged",
    ours: { work: () => reyns("build all") },
    theirs: compose && { work: () => compose("build") },
    limit: { compose: 0.5 },
    rounds: 5,
  });
}

async function memoryRow(stage: Stage): Promise<Row> {
  const { reyns, compose, clean } = await stage.many(100);
  const take = async (): Promise<Measurement> => {
    const { memory } = await reyns("run all");
    await clean();
    const theirs = await compose?.("up -d");
    await clean();
    return { ours: memory / 1e6, theirs: theirs && theirs.memory / 1e6 };
  };
  return { name: "memory of run all of 100", unit: "MB", take, limit: { compose: 1.2 } };
}

/** The time that the entrypoint of the base image takes before the command starts. */
function entrypointRow(): Row {
  const command = ["sh", "-c", "echo up; exec sleep infinity"];
  const take = async (): Promise<Measurement> => {
    const [ours, floor]: number[][] = [[], []];
    for (let round = 0; round < 15; round++) {
      ours?.push(await startUntil("reyns: ready", "reyns/reyns-base"));
      floor?.push(await startUntil("up", "debian:bookworm-slim", command));
    }
    return { ours: median(ours ?? []), floor: median(floor ?? []) };
  };
  return { name: "start of an instance of the base image", unit: "ms", take, limit: { over: 150 } };
}
