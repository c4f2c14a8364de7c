import { describe, expect, jest, spyOn, test } from "bun:test";
import { stripVTControlCharacters } from "node:util";
import { liveLines } from "../../src/ui/progress/live-lines.ts";
import { createProgress } from "../../src/ui/progress/progress.ts";
import { permanentLine } from "../../src/ui/progress/step-lines.ts";
import { log } from "../../src/ui/output/log.ts";
import { type Board, createBoard } from "../../src/ui/progress/board.ts";
import type { AwaitInstance, Step } from "../../src/model/steps.ts";

const instance = (title: string, ...after: string[]): AwaitInstance => ({
  kind: "await-instance",
  id: title,
  after,
  title,
  reason: "test",
  host: title,
  containerId: title,
  ready: { kind: "entrypoint" },
  timeout: 60,
});

const base = { id: "db-one", after: [], title: "db-one", reason: "test" };

function started(board: Board, step: Step, phase: string, at = 0): void {
  board.apply({ kind: "started", step }, at);
  board.apply({ kind: "phase", step, phase }, at);
}

const finished = (step: Step) => ({ kind: "finished", step, seconds: 1, note: undefined }) as const;

const shown = (board: Board, given: { width?: number; height?: number; now?: number } = {}) =>
  liveLines(board, { width: 80, height: 24, now: 3000, begun: 0, frame: 0, ...given }).map((line) =>
    stripVTControlCharacters(line).trimEnd(),
  );

const [db, cache, web] = [
  instance("db-one"),
  instance("cache-one"),
  instance("web-one", "db-one", "cache-one", "elsewhere"),
];

test("each step has a line with its phase, its time, and the steps that it waits for", () => {
  const board = createBoard([web, db, cache]);
  started(board, db, "waiting for port 5432");
  started(board, cache, "creating", 2800);
  expect(shown(board)).toEqual([
    "⠋ db-one     waiting for port 5432  3.0s",
    "⠋ cache-one  creating               0.2s",
    "· web-one    waits for db-one, cache-one",
  ]);
  board.apply(finished(db), 3000);
  expect(shown(board)).toEqual(["⠋ cache-one  creating  0.2s", "· web-one    waits for cache-one"]);
  board.apply(finished(cache), 3000);
  started(board, web, "registering with 10.0.0.2", 3000);
  board.apply(finished(web), 3000);
  expect(shown(board)).toEqual([]);
});

test("the time of a replacement counts from the start of the new container", () => {
  const board = createBoard([db]);
  board.apply({ kind: "started", step: db }, 0);
  board.apply({ kind: "stopping", step: db, phase: "stopping the former container" }, 0);
  expect(shown(board, { now: 12_000 })).toEqual(["⠋ db-one  stopping the former container  12s"]);
  board.apply({ kind: "stopped", step: db }, 72_000);
  board.apply({ kind: "phase", step: db, phase: "waiting for port 5432" }, 72_500);
  expect(shown(board, { now: 84_000 })).toEqual(["⠋ db-one  waiting for port 5432  12s of 60s"]);
});

test("the time that is shown with its limit counts from the beginning of the wait, as the limit does", () => {
  const board = createBoard([db]);
  started(board, db, "starting");
  board.apply({ kind: "waiting", step: db }, 15_000);
  board.apply({ kind: "phase", step: db, phase: "waiting for port 5432" }, 15_000);
  expect(shown(board, { now: 74_000 })).toEqual(["⠋ db-one  waiting for port 5432  59s of 60s"]);
});

test("a step that Ctrl-C interrupts is not marked as failed", () => {
  const step: Step = {
    ...base,
    kind: "remove-network",
    name: "n",
    project: { name: "", origin: "" },
  };
  const line = permanentLine({ kind: "interrupted", step, seconds: 1.5 }) ?? "";
  expect(stripVTControlCharacters(line)).toBe("- db-one interrupted  1.5s");
});

test("what ran before the call has no line of its own: neither when it is ready nor after Ctrl-C", () => {
  expect(permanentLine({ ...finished(db), seconds: 5 })).toBeUndefined();
  expect(permanentLine({ kind: "interrupted", step: db, seconds: 5 })).toBeUndefined();
});

test("of what a failure leaves out, the network has no line, and an image has one", () => {
  const project = { name: "", origin: "" };
  const network = { ...base, kind: "create-network", project } as unknown as Step;
  expect(permanentLine({ kind: "skipped", step: network })).toBeUndefined();
  const image = { ...base, kind: "pull-image" } as unknown as Step;
  expect(stripVTControlCharacters(permanentLine({ kind: "skipped", step: image }) ?? "")).toBe(
    "- db-one skipped",
  );
});

test("a slow step shows its timeout", () => {
  const board = createBoard([db]);
  started(board, db, "waiting for port 5432");
  expect(shown(board, { now: 12_000 })[0]).toEndWith("12s of 60s");
});

const build: Step = {
  kind: "build-image",
  id: "build",
  after: [],
  title: "shop/web",
  reason: "test",
  image: "shop/web",
  context: { bundled: "web" },
  dockerfile: "Dockerfile",
  target: undefined,
  bases: [],
  arguments: {},
  labels: {},
  cache: true,
  repeatable: false,
};

test("steps other than instances show their activity", () => {
  const board = createBoard([build]);
  board.apply({ kind: "started", step: build }, 0);
  expect(shown(board)).toEqual(["⠋ shop/web  building  3.0s"]);
  board.apply({ kind: "progress", step: build, note: "RUN  make\tall" }, 0);
  expect(shown(board)).toEqual(["⠋ shop/web  building: RUN make all  3.0s"]);
});

/** The lines that a display writes off a terminal. */
async function plainLines(
  steps: readonly Step[],
  use: (display: Awaited<ReturnType<typeof createProgress>>, lines: () => string[]) => void,
): Promise<void> {
  const nothing = Object.assign(() => {}, { raw: () => {} });
  const info = spyOn(log, "info").mockImplementation(nothing);
  const lines = (): string[] =>
    info.mock.calls.map(([line]) => stripVTControlCharacters(String(line)));
  const { CI = "" } = process.env;
  // Nothing is redrawn there, whatever the tests write to.
  process.env["CI"] = "true";
  jest.useFakeTimers();
  try {
    use(await createProgress({ steps, verbose: false }), lines);
  } finally {
    jest.useRealTimers();
    info.mockRestore();
    process.env["CI"] = CI;
  }
}

test("off a terminal it gets a line after a second, at each change from then on, and every ten seconds", () =>
  plainLines([db, cache], ({ emit, close }, lines) => {
    emit({ kind: "started", step: db });
    emit({ kind: "started", step: cache });
    emit({ kind: "phase", step: db, phase: "creating" });
    jest.advanceTimersByTime(750);
    expect(lines()).toEqual([]);
    emit(finished(cache));
    jest.advanceTimersByTime(250);
    emit({ kind: "phase", step: db, phase: "waiting for port 5432" });
    jest.advanceTimersByTime(25_000);
    close();
    jest.advanceTimersByTime(25_000);
    expect(lines()).toEqual([
      "  db-one creating  1.0s",
      "  db-one waiting for port 5432  1.0s",
      "  db-one waiting for port 5432  11s of 60s",
      "  db-one waiting for port 5432  21s of 60s",
    ]);
  }));

test("off a terminal a build that takes long gets a line for each instruction", () =>
  plainLines([build], ({ emit, close }, lines) => {
    emit({ kind: "started", step: build });
    emit({ kind: "progress", step: build, note: "1/3 FROM debian" });
    emit({ kind: "progress", step: build, note: "2/3 RUN apt-get update" });
    jest.advanceTimersByTime(2000);
    emit({ kind: "progress", step: build, note: "3/3 RUN make" });
    jest.advanceTimersByTime(10_000);
    close();
    expect(lines()).toEqual([
      "  shop/web building: 2/3 RUN apt-get update  1.0s",
      "  shop/web building: 3/3 RUN make  2.0s",
      "  shop/web building: 3/3 RUN make  12s",
    ]);
  }));

describe("a hundred steps", () => {
  const hundred = Array.from({ length: 100 }, (_, index) =>
    instance(`a-service-with-a-long-name-n${index}`, ...(index < 40 ? [] : [`x${index % 7}`])),
  );
  const board = createBoard(hundred);
  const phase = "waiting for a line matching /database system is ready to accept connections/";
  for (const step of hundred.slice(0, 40)) started(board, step, phase);
  for (const step of hundred.slice(0, 10)) board.apply(finished(step), 3000);

  for (const [width, height] of [
    [80, 24],
    [120, 50],
    [40, 10],
    [20, 5],
    [8, 2],
  ] as const) {
    test(`fit ${width} x ${height}`, () => {
      const lines = shown(board, { width, height });
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(width);
      expect(lines.length).toBeLessThanOrEqual(Math.max(3, height - 2));
    });
  }

  test("steps without a line are counted, and the last line shows the total", () => {
    expect(shown(board).slice(-2)).toEqual([
      "  10 more running, 60 more waiting",
      `${"━".repeat(3)}${"─".repeat(27)}  10 of 100 ready  3.0s`,
    ]);
  });
});
