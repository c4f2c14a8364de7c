import { smallImage } from "../../test/binary/support/small-image.ts";
import type { Fault, Outcome } from "./fault.ts";
import { bothSides, type Side } from "./side.ts";

const names = ["a", "b", "c", "d"];
const services = names.map((name) => ({ name, image: smallImage, command: "sleep 999" }));

/** Everything runs exactly once. (There is a lease keeper only with a DNS.) */
async function runsOnce(side: Side): Promise<boolean> {
  const [running, owned] = [await side.listRunning(), await side.listOwned()];
  return running.length === names.length && owned.length === names.length + 1;
}

function concurrentRuns(count: number): Fault {
  return bothSides(`${count} runs at once`, services, async (side) => {
    let whole = 0;
    let failed = 0;
    const rounds = 3;
    for (let round = 0; round < rounds; round += 1) {
      const all = await Promise.all(Array.from({ length: count }, () => side.call("up")));
      failed += all.filter(({ status }) => status !== 0).length;
      whole += Number(await runsOnce(side));
      await side.call("down");
      await side.call("down");
    }
    const description = `${failed} of ${count * rounds} calls fail; everything runs exactly once in ${whole} of ${rounds} rounds`;
    return { ok: failed === 0 && whole === rounds, description };
  });
}

const moments = 20;

/** Interrupts a call at moments spread over its duration, each time followed by the same call. */
async function interrupt(
  side: Side,
  what: "up" | "down",
  signal: "SIGKILL" | "SIGINT" | "SIGTERM",
): Promise<Outcome> {
  const other = what === "up" ? "down" : "up";
  await side.call(other);
  const start = performance.now();
  await side.call(what);
  const duration = performance.now() - start;
  let good = 0;
  let longest = 0;
  const statuses = new Set<number>();
  for (let moment = 0; moment < moments; moment += 1) {
    await side.call(other);
    const going = await side.begin(what);
    await Bun.sleep((duration * (moment + Math.random())) / moments);
    const killed = performance.now();
    going.kill(signal);
    statuses.add(await going.exited);
    longest = Math.max(longest, performance.now() - killed);
    const { status } = await side.call(what);
    const isComplete = what === "up" ? await runsOnce(side) : (await side.listOwned()).length === 0;
    good += Number(status === 0 && isComplete);
  }
  await side.call("down");
  const ends =
    signal === "SIGKILL"
      ? ""
      : `ends within ${(longest / 1000).toFixed(1)} s with status ${[...statuses].join(" or ")}; `;
  const description = `${ends}the same call again succeeds in ${good} of ${moments}`;
  const quick = signal === "SIGKILL" || longest < 2500;
  return { ok: good === moments && quick, description };
}

const killed = (["up", "down"] as const).map((what) =>
  bothSides(`kill -9 in the middle of ${what === "up" ? "run" : "clean"}`, services, (side) =>
    interrupt(side, what, "SIGKILL"),
  ),
);
const interrupted = (["SIGINT", "SIGTERM"] as const).map((signal) =>
  bothSides(`${signal} in the middle of run`, services, (side) => interrupt(side, "up", signal)),
);

async function crash(side: Side): Promise<Outcome> {
  const { status, stdout, stderr } = await side.call("up");
  const says = /out of order/.test(stdout + stderr);
  await side.call("down");
  const description = `status ${status}, ${says ? "with" : "without"} its last log lines`;
  return { ok: status !== 0 && says, description };
}

const crashing = { name: "web", image: smallImage, command: 'sh -c "echo out of order; exit 7"' };

export const interruptions: readonly Fault[] = [
  concurrentRuns(2),
  concurrentRuns(5),
  ...interrupted,
  ...killed,
  bothSides("an instance exits at once", [crashing], crash),
  bothSides("an instance restarts forever", [{ ...crashing, restart: "always" }], crash),
];
