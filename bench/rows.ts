import { measure, median, runOnce, type Timed } from "./measure.ts";
import type { Copies } from "./copies.ts";
import { type Many, type Stage, startUntil } from "./stage.ts";

/** What was measured, in the row's unit. */
export interface Values {
  readonly ours: number;
  /** docker-compose's; undefined where it has no equal, or is not there. */
  readonly theirs?: number | undefined;
  /** The Engine's own calls, with nothing around them. */
  readonly floor?: number | undefined;
}

/** One measurement, and how it may turn out. */
export interface Row {
  readonly name: string;
  readonly unit: "ms" | "MB";
  readonly take: () => Promise<Values>;
  /** At most: `compose` and `floor` are ratios, `over` is so much above the floor, `most` an amount. */
  readonly limit: {
    readonly compose?: number;
    readonly floor?: number;
    readonly over?: number;
    readonly most?: number;
  };
}

interface Contest {
  readonly name: string;
  readonly ours: Timed;
  readonly theirs?: Timed | undefined;
  readonly floor?: Timed | undefined;
  readonly limit: Row["limit"];
  readonly rounds?: number;
  /** What has to be there for all rounds, and how it goes. */
  readonly prepare?: () => Promise<unknown>;
  readonly finish?: () => Promise<unknown>;
}

/** The measurements of which each stands for itself; each leaves nothing running. */
export async function* rowsOn(stage: Stage, tools: Copies): AsyncGenerator<Row> {
  yield* startRows(tools);
  yield* listRows(stage);
  yield* runRows(stage);
  yield* demoRows(stage);
  yield* buildRows(stage);
  yield await memoryRow(stage);
  yield entrypointRow();
}

function timed({ name, limit, ours, theirs, floor, ...how }: Contest): Row {
  const all = [ours, theirs, floor].filter((one) => one !== undefined);
  const take = async (): Promise<Values> => {
    await how.prepare?.();
    const times = await measure(all, how.rounds ?? 25);
    await how.finish?.();
    const of = (one: Timed | undefined): number | undefined => one && times[all.indexOf(one)];
    return { ours: of(ours) ?? NaN, theirs: of(theirs), floor: of(floor) };
  };
  return { name, limit, unit: "ms", take };
}

function* startRows({ reyns, compose }: Copies): Generator<Row> {
  const call = (tool: () => string, ...words: string[]): Timed => ({
    work: () => runOnce([tool(), ...words], "/"),
  });
  const theirs = compose === undefined ? undefined : call(compose, "version");
  for (const word of ["version", "help"])
    yield timed({ name: word, ours: call(reyns, word), theirs, limit: { compose: 0.3 } });
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
      limit: { compose: 0.3 },
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

/** One tool after the other: two hundred containers at once are too many for an Engine of this size. */
function listOf100({ reyns, compose, clean, engineList }: Many): Row {
  const take = async (): Promise<Values> => {
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
  return { name: "ps of 100", unit: "ms", take, limit: { compose: 0.3, over: 10 } };
}

/** All of them run for both tools. */
function whileRunning({ reyns, compose, clean }: Many): Pick<Contest, "prepare" | "finish"> {
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

function* demoRows({ demo }: Stage): Generator<Row> {
  const clean = (): Promise<unknown> => demo("clean:all,force=True");
  yield timed({
    name: "the demo, until all names resolve",
    ours: { work: () => demo("run:all"), before: clean },
    // A quarter of what the tool before Reyns took: 8.7 s.
    limit: { most: 2175 },
    rounds: 5,
  });
}

async function* buildRows(stage: Stage): AsyncGenerator<Row> {
  const { reyns, compose } = await stage.builds(10);
  yield timed({
    name: "build 10 small services anew",
    ours: { work: () => reyns("build all cache=False") },
    theirs: compose && { work: () => compose("build --no-cache") },
    limit: { compose: 1 },
    rounds: 9,
  });
  yield timed({
    name: "build them again, unchanged",
    ours: { work: () => reyns("build all") },
    theirs: compose && { work: () => compose("build") },
    limit: { compose: 0.5 },
    rounds: 5,
  });
}

async function memoryRow(stage: Stage): Promise<Row> {
  const { reyns, compose, clean } = await stage.many(100);
  const take = async (): Promise<Values> => {
    const { memory } = await reyns("run all");
    await clean();
    const theirs = await compose?.("up -d");
    await clean();
    return { ours: memory / 1e6, theirs: theirs && theirs.memory / 1e6 };
  };
  return { name: "memory of run all of 100", unit: "MB", take, limit: { compose: 1 } };
}

/** What our images do before the command that they are run with. */
function entrypointRow(): Row {
  const say = ["sh", "-c", "echo up; exec sleep infinity"];
  const take = async (): Promise<Values> => {
    const [ours, floor]: number[][] = [[], []];
    for (let round = 0; round < 15; round++) {
      ours?.push(await startUntil("reyns: ready", "reyns/reyns-base"));
      floor?.push(await startUntil("up", "debian:bookworm-slim", say));
    }
    return { ours: median(ours ?? []), floor: median(floor ?? []) };
  };
  return { name: "start of an instance of the base image", unit: "ms", take, limit: { over: 150 } };
}
