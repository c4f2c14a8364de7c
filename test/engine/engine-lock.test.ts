import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { until } from "./support/images-container.ts";
import { openEngine } from "../../src/runtime/connect.ts";
import { createLockAttempt, type EngineLock } from "../../src/runtime/lock/engine-lock.ts";
import { createHolder } from "../../src/runtime/lock/holder.ts";
import { listVolumes, removeIfPossible } from "../support/engine-api.ts";

setDefaultTimeout(240_000);

const engine = await openEngine(process.env);
const origin = `/nowhere/engine-lock-${process.pid}`;
const held = (): Promise<string[]> => listVolumes(`io.reyns.folder=${origin}`);

afterAll(async () => {
  for (const name of await held()) await removeIfPossible(`/volumes/${name}`);
});

interface Contender {
  /** Milliseconds between two renewals. */
  readonly renewal?: number;
  readonly onLost?: () => void;
  /** It ends like a killed call: it renews nothing, and releases nothing. */
  readonly dies?: boolean;
}

async function acquire(contender: Contender): Promise<EngineLock> {
  const { dies = false, renewal = 1000, onLost = () => {} } = contender;
  const attempt = createLockAttempt(engine, {
    origin,
    holder: createHolder("test"),
    token: randomBytes(8).toString("hex"),
    endedTokens: [],
    onLost,
    intervals: { renewal: dies ? 1_000_000 : renewal, expiry: 10_000 },
  });
  for (;;) {
    const taken = await attempt();
    if ("release" in taken) return taken;
    await Bun.sleep(Math.random() * 60);
  }
}

test("one call at a time holds a lock, also while others die with it", async () => {
  let inside = 0;
  let most = 0;
  const contend = async (contender: Contender): Promise<void> => {
    const lock = await acquire(contender);
    most = Math.max(most, ++inside);
    await Bun.sleep(Math.random() * 40);
    inside--;
    if (!contender.dies) await lock.release();
  };
  const rounds = Array.from({ length: 30 }, (_, index) => contend({ dies: index % 10 === 3 }));
  await Promise.all(rounds);
  // Whatever the last one that died has left.
  await (await acquire({})).release();
  expect(most).toBe(1);
  expect(await held()).toEqual([]);
});

test("a holder that was silent for too long leaves the lock of the next one alone", async () => {
  const first = await acquire({ dies: true });
  const second = await acquire({});
  await first.release();
  expect((await held()).length).toBeGreaterThanOrEqual(2);
  await second.release();
  expect(await held()).toEqual([]);
});

test("a holder whose volumes were removed creates them again, and still keeps others out", async () => {
  let isLost = false;
  const lock = await acquire({ onLost: () => (isLost = true) });
  for (const name of await held()) await removeIfPossible(`/volumes/${name}`);
  await until("the lock to be there again", async () => (await held()).length > 0);
  let isTaken = false;
  const next = acquire({}).then((taken) => {
    isTaken = true;
    return taken;
  });
  await Bun.sleep(500);
  expect({ isLost, isTaken }).toEqual({ isLost: false, isTaken: false });
  await lock.release();
  await (await next).release();
  expect(await held()).toEqual([]);
});

test("a holder whose volume another call has created anew has lost the lock", async () => {
  const lost = Promise.withResolvers<void>();
  const first = await acquire({ renewal: 8000, onLost: lost.resolve });
  const [name = ""] = await held();
  // What a prune and the next call do between two renewals.
  await removeIfPossible(`/volumes/${name}`);
  const second = await acquire({});
  await lost.promise;
  await first.release();
  expect(await held()).toContain(name);
  await second.release();
  expect(await held()).toEqual([]);
});
