import { type Container, must, until } from "../test/engine/support/images-container.ts";
import { startZone, type Zone } from "../test/engine/support/images-zone.ts";
import { median } from "./measure.ts";

export interface Measured {
  readonly name: string;
  readonly value: number;
  readonly unit: "s" | "%" | "MB" | "ms" | "lost";
  /** Maximum; undefined for values that are only reported. */
  readonly limit?: number;
  readonly ok: boolean;
}

interface Stage {
  readonly zone: Zone;
  /** Host name -> its container. */
  readonly instances: Map<string, Container>;
}

type Limits = Pick<Measured, "name" | "unit"> & { readonly limit?: number };

const result = (limits: Limits, value: number): Measured => ({
  ...limits,
  value,
  ok: limits.limit === undefined || value <= limits.limit,
});

const seconds = (): number => performance.now() / 1000;

/** Takes the measurements in order; later ones depend on the state that earlier ones leave. */
export async function* measureDns(count: number): AsyncGenerator<Measured> {
  await using zone = await startZone({});
  const stage: Stage = { zone, instances: await startInstances(zone, count) };
  yield* memory(stage);
  yield load(await steadyLoad(stage, 30));
  yield result({ name: "an unknown short name", unit: "ms", limit: 50 }, await unknownName(zone));
  yield* restarts(stage);
  yield* removals(stage);
}

/** Three at a time, because the Engine is not faster with more. */
async function startInstances(zone: Zone, count: number): Promise<Map<string, Container>> {
  const instances = new Map<string, Container>();
  const names = Array.from({ length: count }, (_, i) => `i${i}`);
  const startNext = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      const env = { DNS_UPDATE_POLICY: "APPEND" };
      instances.set(`load-${name}`, await zone.start("load", name, { env }));
    }
  };
  await Promise.all([startNext(), startNext(), startNext()]);
  await until("all of them", () => isWhole({ zone, instances }), 30);
  return instances;
}

/** Lists the instances that do not resolve by their own name or the service's. */
async function findLost({ zone, instances }: Stage): Promise<string[]> {
  const service = (await zone.resolve("load")).split(" ");
  const hosts = await Promise.all(
    [...instances].map(async ([host, { address }]) =>
      service.includes(address) && (await zone.resolve(host)) === address ? [] : [host],
    ),
  );
  return hosts.flat();
}

const isWhole = async (stage: Stage): Promise<boolean> => (await findLost(stage)).length === 0;

async function* memory({ instances }: Stage): AsyncGenerator<Measured> {
  const [instance] = instances.values();
  const { stdout = "" } =
    (await instance?.exec("sh", "-c", "cat /proc/$(pgrep -x agent)/smaps_rollup")) ?? {};
  for (const [name, field] of [
    ["memory of an agent, its own (anonymous)", "Anonymous"],
    ["memory of an agent, with its share (Pss)", "Pss"],
  ]) {
    const kilobytes = Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(stdout)?.[1]);
    yield result({ name: `${name}`, unit: "MB" }, kilobytes / 1024);
  }
}

/** Processor time of a container in nanoseconds, as counted by the Engine. */
async function cpuOf({ id }: Container): Promise<number> {
  const url = `http://engine/containers/${id}/stats?stream=false&one-shot=true`;
  const answer = await fetch(url, { unix: "/var/run/docker.sock" });
  const stats = (await answer.json()) as { cpu_stats: { cpu_usage: { total_usage: number } } };
  return stats.cpu_stats.cpu_usage.total_usage;
}

interface Load {
  readonly instances: number;
  readonly dns: number;
}

/** Percentage of one core while nothing happens. */
async function steadyLoad({ zone, instances }: Stage, duration: number): Promise<Load> {
  const groups = [[...instances.values()], [zone.dns]];
  const read = (): Promise<number[]> =>
    Promise.all(
      groups.map(async (group) => (await Promise.all(group.map(cpuOf))).reduce((a, b) => a + b)),
    );
  const [before, from] = [await read(), seconds()];
  await Bun.sleep(duration * 1000);
  const [after, time] = [await read(), seconds() - from];
  const percent = (i: number): number =>
    (((after[i] ?? NaN) - (before[i] ?? NaN)) / time / 1e9) * 100;
  return { instances: percent(0), dns: percent(1) };
}

function load({ instances, dns }: Load): Measured {
  const parts = `agents ${instances.toFixed(1)}, DNS ${dns.toFixed(1)}`;
  return result({ name: `load of a core (${parts})`, unit: "%", limit: 3 }, instances + dns);
}

/** Milliseconds until an instance learns that a name does not exist, without a resolver above the DNS. */
async function unknownName(zone: Zone): Promise<number> {
  const flags = ["--dns", zone.server, "--dns-search", "local.zone", "--dns-option", "ndots:1"];
  const asking = await zone.start("asking", "one", { flags });
  const script =
    'use Time::HiRes "time"; my $t = time; gethostbyname "nobody"; print 1000 * (time - $t)';
  return Number((await asking.exec("perl", "-e", script)).stdout);
}

async function* restarts(stage: Stage): AsyncGenerator<Measured> {
  const { zone } = stage;
  await must("docker", "kill", zone.dns.id);
  await must("docker", "start", zone.dns.id);
  yield* wholeAgain(stage, "with its data", 2);
  await zone.renewDns();
  yield* wholeAgain(stage, "without its data", 7);
}

/** Seconds from the start of the DNS's container, as recorded by the Engine, until all names resolve. */
async function* wholeAgain(stage: Stage, what: string, limit: number): AsyncGenerator<Measured> {
  await until("all of them", () => isWhole(stage), 60);
  const now = Date.now();
  const { id } = stage.zone.dns;
  const started = await must("docker", "inspect", "--format", "{{.State.StartedAt}}", id);
  const name = `DNS killed, back ${what}: all resolve`;
  yield result({ name, unit: "s", limit }, (now - Date.parse(started)) / 1000);
  let most = 0;
  for (const end = seconds() + 15; seconds() < end; await Bun.sleep(200)) {
    most = Math.max(most, (await findLost(stage)).length);
  }
  yield result({ name: "  in the 15 s after that", unit: "lost", limit: 0 }, most);
}

/** Stops ten instances one by one and kills ten at the same time. */
async function* removals({ zone, instances }: Stage): AsyncGenerator<Measured> {
  const hosts = [...instances];
  const left: string[] = [];
  for (const [host, { id }] of hosts.slice(0, 10)) {
    await must("docker", "stop", id);
    if ((await zone.resolve(host)) !== "") left.push(host);
  }
  yield result(
    { name: "stopped: still resolve when stop returns", unit: "lost", limit: 0 },
    left.length,
  );
  const killed = hosts.slice(10, 20);
  await must("docker", "kill", ...killed.map(([, { id }]) => id));
  const from = seconds();
  const times = await Promise.all(
    killed.map(async ([host]) => {
      await until(`${host} to go`, async () => (await zone.resolve(host)) === "", 60);
      return seconds() - from;
    }),
  );
  yield result({ name: "kill -9: gone, the first", unit: "s" }, Math.min(...times));
  yield result({ name: "kill -9: gone, the median", unit: "s" }, median(times));
  yield result({ name: "kill -9: gone, the last", unit: "s", limit: 15 }, Math.max(...times));
}
