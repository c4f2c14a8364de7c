// Replaces a routed instance again and again under constant load, every fifth time by a version that never becomes ready:
// requests over connections that stay open, WebSockets, and one slow upload after the other.
import { Agent } from "node:http";
import { provideBaseImages } from "../test/engine/support/base-images.ts";
import {
  ask,
  createRouted,
  openSocket,
  type Answer,
  type RoutedProject,
} from "../test/binary/support/routed.ts";

export interface Value {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Undefined for what is only reported. */
  readonly limit?: number | undefined;
  readonly ok: boolean;
}

export interface ReplacementOptions {
  readonly count: number;
  readonly sockets: number;
  /** Connections that stay open, and requests a second over all of them. */
  readonly connections: number;
  readonly rate: number;
}

const drainSeconds = 3;
const timeoutSeconds = 2;
/** How long the load lasts before the first replacement. */
const restMs = 10_000;
/** A wait that is a little short is none that was left out. */
const toleranceMs = 100;

export async function measureReplacements(options: ReplacementOptions): Promise<Value[]> {
  await provideBaseImages();
  await using shop = await createRouted("bench-replacements");
  await shop.must("run all");
  await using load = startLoad(shop.port, options);
  await Bun.sleep(restMs);
  const rest = load.answers.length;
  const failing: number[] = [];
  const served = [1];
  let wrong = 0;
  for (let number = 1; number <= options.count; number += 1) {
    const isBroken = number % 5 === 0;
    const broken = `command: ["sleep", "600"], timeout: ${timeoutSeconds}`;
    await shop.define(number + 1, isBroken ? broken : `drain: "${drainSeconds}s"`);
    const lifetime = isBroken ? lifetimeOf(shop.folder) : undefined;
    load.expect(isBroken ? undefined : String(number + 1));
    const { status } = await shop.reyns("run all");
    if (lifetime) failing.push(await lifetime);
    else served.push(number + 1);
    const { body } = await ask(shop.port, "/");
    if (status !== (isBroken ? 1 : 0) || body !== String(served.at(-1))) wrong += 1;
  }
  const rollback = await measureRollback(shop, load, String(served.at(-2) ?? 1));
  const [atRest, during] = [load.answers.slice(0, rest), load.answers.slice(rest)];
  const failed = load.answers.filter(({ status }) => status !== 200).length;
  const slower = percentile(during, 0.99) - percentile(atRest, 0.99);
  return [
    measured("requests", load.answers.length, "requests"),
    measured("failed requests", failed, "requests", 0),
    measured("failed uploads", load.failedUploads(), "uploads", 0),
    measured("uploads cut off after the drain time", load.cutUploads(), "uploads"),
    measured("WebSockets dropped before the drain time", load.dropped(), "sockets", 0),
    measured("calls with a wrong outcome", wrong, "calls", 0),
    measured("p99 at rest", percentile(atRest, 0.99), "ms"),
    measured("p99 while replacing, over that at rest", slower, "ms", 25),
    measured("rollback, until the former version serves", rollback.serving, "s", 3),
    measured("rollback, whole call beyond the drain time", rollback.call - drainSeconds, "s", 3),
    measured(
      "a version that fails is there, beyond its timeout",
      Math.max(0, ...failing) - timeoutSeconds,
      "s",
      1,
    ),
  ];
}

interface RollbackTimes {
  /** Seconds until the former version answers, with its start. */
  readonly serving: number;
  /** Seconds until the call returns: the WebSockets take all of the drain time. */
  readonly call: number;
}

async function measureRollback(
  { must }: RoutedProject,
  load: BenchLoad,
  version: string,
): Promise<RollbackTimes> {
  load.expect(version);
  const begun = performance.now();
  await must("rollback web");
  return {
    serving: (load.movedAt() - begun) / 1000,
    call: (performance.now() - begun) / 1000,
  };
}

/** Waits for the removal of a container of a folder; resolves to the seconds since its start, by the Engine's clock. */
async function lifetimeOf(folder: string): Promise<number> {
  const filters = [
    "type=container",
    `label=io.reyns.folder=${folder}`,
    "event=start",
    "event=destroy",
  ];
  const words = filters.flatMap((filter) => ["--filter", filter]);
  const format = ["--format", "{{.Action}} {{.TimeNano}}"];
  const events = Bun.spawn(["docker", "events", ...words, ...format], { stdout: "pipe" });
  let [text, started] = ["", Infinity];
  for await (const chunk of events.stdout) {
    text += Buffer.from(chunk).toString();
    started = Number(/start (\d+)/.exec(text)?.[1] ?? Infinity);
    const removed = Number(/destroy (\d+)/.exec(text)?.[1] ?? NaN);
    if (removed > 0) {
      events.kill();
      return (removed - started) / 1e9;
    }
  }
  return Infinity;
}

function measured(name: string, value: number, unit: string, limit?: number): Value {
  return { name, value, unit, limit, ok: limit === undefined || value <= limit };
}

function percentile(answers: readonly Answer[], part: number): number {
  const sorted = answers.map(({ ms }) => ms).toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length * part)] ?? 0;
}

interface BenchLoad extends AsyncDisposable {
  readonly answers: readonly Answer[];
  /** The version that a replacement or a rollback brings; undefined for one that fails. */
  expect(version: string | undefined): void;
  /** When the expected version answered for the first time. */
  movedAt(): number;
  /** Those that failed before the former container had had its time. */
  failedUploads(): number;
  /** Those that took longer than that. */
  cutUploads(): number;
  /** WebSockets that ended while no container was stopping, or before it had had its time. */
  dropped(): number;
}

function startLoad(port: number, { sockets, connections, rate }: ReplacementOptions): BenchLoad {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const answers: Answer[] = [];
  let [dropped, failedUploads, cutUploads] = [0, 0, 0];
  const state = { isOver: false };
  let expected: string | undefined;
  let movedAt = Infinity;
  const repeat = async (work: () => Promise<void>): Promise<void> => {
    while (!state.isOver) await work();
  };
  const requests = Array.from({ length: connections }, () =>
    repeat(async () => {
      const answer = await ask(port, "/", { agent });
      answers.push(answer);
      if (answer.body === expected && movedAt === Infinity) movedAt = performance.now();
      await Bun.sleep(Math.max(0, (1000 * connections) / rate - answer.ms));
    }),
  );
  /** The former container may be stopped by now. */
  const isDue = (): boolean => performance.now() - movedAt >= drainSeconds * 1000 - toleranceMs;
  const open = Array.from({ length: sockets }, () =>
    repeat(async () => {
      const socket = await openSocket(port).catch(() => undefined);
      if (!socket) dropped += 1;
      const end = until(() => state.isOver);
      await Promise.race([socket?.closed, end]);
      if (!state.isOver && !isDue()) dropped += 1;
      socket?.close();
    }),
  );
  const uploads = repeat(async () => {
    const { status, body } = await ask(port, "/upload", { body: pieces() });
    if (status === 200 && body === "20000") return;
    // On a busy machine, one may take longer than the time to drain.
    if (isDue()) cutUploads += 1;
    else failedUploads += 1;
  });
  return {
    answers,
    expect: (version) => ([expected, movedAt] = [version, Infinity]),
    movedAt: () => movedAt,
    failedUploads: () => failedUploads,
    cutUploads: () => cutUploads,
    dropped: () => dropped,
    [Symbol.asyncDispose]: async () => {
      state.isOver = true;
      await Promise.all([...requests, ...open, uploads]);
      agent.destroy();
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await Bun.sleep(100);
}

/** Takes two seconds: less than the time to drain. */
async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let piece = 0; piece < 20; piece += 1) {
    yield new Uint8Array(1000);
    await Bun.sleep(100);
  }
}
