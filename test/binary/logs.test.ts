// Each run of a container numbers its lines, so that a lost or a repeated one shows.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { must, until } from "../engine/support/images-container.ts";
import { containerIds } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { openRelay } from "./support/relay.ts";
import { call, type Call } from "./support/reyns.ts";

setDefaultTimeout(240_000);

/** Writes "RUN 1", "RUN 2", … and, when it is stopped or told to crash, many lines at once and "RUN end COUNT". */
const counter = `run=$(cat /proc/sys/kernel/random/uuid); n=0; stop=
rm -f /crash; trap 'stop=0' TERM
line() { n=$((n+1)); echo "$run $n"; }
while [ -z "$stop" ]; do line; sleep 0.02 & wait $!; [ -e /crash ] && stop=3; done
i=0; while [ $i -lt 300 ]; do line; i=$((i+1)); done
echo "$run end $n"; exit $stop`;

const definition = `import { project, ready, service } from "reyns";
project("logs");
const settings = { image: "debian:bookworm-slim", init: true, ready: ready.started() };
service("counter", { ...settings, command: ["sh", "-c", ${JSON.stringify(counter)}], restart: "on-failure" });
service("silent", { ...settings, command: ["sh", "-c", "echo hidden; exec sleep 600"], logging: { driver: "none" } });
service("five", { ...settings, command: ["sh", "-c", "for n in 1 2 3 4 5; do echo line $n; sleep 1.1; done; exec sleep 600"] });
service("once", { ...settings, command: ["sh", "-c", "cat /proc/sys/kernel/random/uuid; exec sleep 600"] });
`;

let shop: Project;

beforeAll(async () => {
  shop = await createProject({ "reyns.ts": definition });
  await shop.must("run all");
});
afterAll(() => shop?.[Symbol.asyncDispose]());

const counterId = async (): Promise<string> => {
  const label = "label=io.reyns.service=counter";
  const folder = `label=io.reyns.folder=${shop.folder}`;
  return must("docker", "ps", "-q", "--no-trunc", "--filter", label, "--filter", folder);
};

/** Follows the counter, and resolves when its log is being read. */
async function follow(words = ""): Promise<Call> {
  const following = await call(shop.folder, `logs counter follow ${words}`.trim());
  await until("a line", async () => following.written().includes("\n"));
  return following;
}

/** Run -> what it wrote: its numbers, and "end COUNT". */
function runsIn(lines: readonly string[]): Map<string, string[]> {
  const runs = new Map<string, string[]>();
  for (const line of lines) {
    const [run = "", ...rest] = line.split(" ");
    runs.set(run, [...(runs.get(run) ?? []), rest.join(" ")]);
  }
  return runs;
}

/** Every run wrote 1, 2, 3 and so on without a gap, and its end. */
function expectWhole(runs: Map<string, string[]>): void {
  for (const [run, written] of runs) {
    const count = written.length - 1;
    const numbers = Array.from({ length: count }, (_, index) => `${index + 1}`);
    expect([run, ...written]).toEqual([run, ...numbers, `end ${count}`]);
  }
}

const linesOf = ({ stdout }: { readonly stdout: string }): string[] => stdout.trimEnd().split("\n");

/** Waits until lines of so many runs have been shown. */
async function untilSeen(following: Call, count: number): Promise<void> {
  const seen = (): number => new Set(following.written().match(/^[0-9a-f-]{36} /gm)).size;
  await until(`run ${count}`, async () => seen() === count);
}

describe("follow prints every line once", () => {
  test("over docker restart, and a crash that its restart policy answers", async () => {
    await shop.must("rerun counter");
    const following = await follow();
    const id = await counterId();
    await must("docker", "restart", "--time", "60", id);
    // Each one's first line comes when it is ready to be stopped, or to crash.
    await untilSeen(following, 2);
    await must("docker", "exec", id, "touch", "/crash");
    await untilSeen(following, 3);
    await shop.must("stop counter");
    const runs = runsIn(linesOf(await following.output));
    expect(runs.size).toBe(3);
    expectWhole(runs);
    await shop.must("start counter");
  });

  test("over a replacement in which nothing runs for longer than ends the call otherwise", async () => {
    await shop.must("rerun counter");
    const following = await follow();
    await using relay = await openRelay({
      request: (text) => (/^POST \S*\/start/.test(text) ? 8000 : "pass"),
    });
    await shop.must("rerun counter", { env: { DOCKER_HOST: relay.host } });
    await untilSeen(following, 2);
    await shop.must("stop counter");
    expectWhole(runsIn(linesOf(await following.output)));
    await shop.must("start counter");
  });

  test("over twenty replacements, as JSON Lines", async () => {
    await shop.must("rerun counter");
    const following = await follow("json");
    for (let time = 0; time < 20; time += 1) await shop.must("rerun counter");
    await shop.must("stop counter");
    const output = await following.output;
    expect(output).toMatchObject({ status: 0, stderr: "" });
    const documents = linesOf(output).map(
      (line) =>
        JSON.parse(line) as { service: string; instance: string; time: string; line: string },
    );
    for (const { service, instance, time } of documents) {
      expect(`${service} ${instance}`).toBe("counter one");
      expect(new Date(time).toISOString().slice(0, 19)).toBe(time.slice(0, 19));
    }
    const runs = runsIn(documents.map(({ line }) => line));
    expect(runs.size).toBe(21);
    expectWhole(runs);
    await shop.must("start counter");
  }, 300_000);
});

test("follow ends with 130 on Ctrl-C, and with 0 when its reader is gone", async () => {
  const following = await follow("tail=0");
  following.interrupt();
  expect((await following.output).status).toBe(130);
  const { stdout } = await shop.reyns("logs counter tail=1");
  expect(stdout).toMatch(/^\S+ \d+\n$/);
});

test.each(["tail=0", "since=1s"])(
  "follow %s shows nothing of an earlier run when a container that was silent starts again",
  async (range) => {
    await Bun.sleep(2000);
    const earlier = linesOf(await shop.reyns("logs once"));
    await using relay = await openRelay();
    const env = { DOCKER_HOST: relay.host };
    const following = await call(shop.folder, `logs once follow ${range}`, { env });
    await until("the reading", async () =>
      relay.requests.some((one) => one.includes("follow=true")),
    );
    await Bun.sleep(1000);
    await shop.must("restart once");
    await until("a line", async () => following.written().includes("\n"));
    following.interrupt();
    const shown = linesOf(await following.output);
    expect(shown).toEqual(linesOf(await shop.reyns("logs once")).slice(earlier.length));
    expect(shown).toHaveLength(1);
  },
);

test("timestamps stand before the lines, and are those of json", async () => {
  const documents = (await shop.json("logs five")) as { time: string; line: string }[];
  const shown = linesOf(await shop.reyns(`logs five timestamps`)).slice(0, documents.length);
  expect(shown).toEqual(documents.map(({ time, line }) => `${time} ${line}`));
  expect(shown[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z line 1$/);
});

test("since= and until= leave out what is older and newer", async () => {
  const all = async (): Promise<{ time: string; line: string }[]> =>
    (await shop.json("logs five")) as { time: string; line: string }[];
  const lines = await until("all lines", async () => {
    const found = await all();
    return found.length === 5 ? found : undefined;
  });
  const point = lines?.[2]?.time.replace(/\.\d+Z$/, "Z") ?? "none";
  const isOlder = ({ time }: { readonly time: string }): boolean =>
    Date.parse(time) < Date.parse(point);
  const older = lines?.filter(isOlder).map(({ line }) => line) ?? [];
  const newer = lines?.filter((line) => !isOlder(line)).map(({ line }) => line) ?? [];
  expect([older.length > 0, newer.length > 0]).toEqual([true, true]);
  expect(linesOf(await shop.reyns(`logs five until=${point}`))).toEqual(older);
  expect(linesOf(await shop.reyns(`logs five since=${point}`))).toEqual(newer);
  const { status, stderr } = await shop.reyns("logs five until=yesterday");
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringContaining('error until is "yesterday"'),
  });
});

test("a service whose logging driver keeps nothing is warned of, and the others are read", async () => {
  for (const line of ["logs all tail=1", "logs silent"]) {
    const { status, stdout, stderr } = await shop.reyns(line);
    expect(stderr).toMatch(/^warning silent-one: its log cannot be read: /);
    expect(status).toBe(0);
    expect(stdout).not.toContain("hidden");
    if (line === "logs all tail=1") expect(stdout).toMatch(/^counter-one +\| .*\d$/m);
  }
  // Followed, they end with the others.
  const following = await call(shop.folder, "logs all follow json tail=0");
  await until("a line", async () => following.written().includes('"service":"counter"'));
  await shop.must("stop all");
  const { status, stdout, stderr } = await following.output;
  expect(stderr).toMatch(/^warning silent-one: its log cannot be read: /m);
  expect(stdout).toMatch(/"service":"counter",.* end \d+"/);
  expect(status).toBe(0);
  expect(await containerIds(shop.folder)).toHaveLength(4);
});
