// Two instances that get each other's ports: neither can start before the other has stopped.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { until } from "../engine/support/images-container.ts";
import { inspectAll, runningIds } from "./support/engine.ts";
import { createProject, listOwned, type Project } from "./support/project.ts";
import { openRelay } from "./support/relay.ts";
import { call } from "./support/reyns.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);
beforeAll(importSmallImage);

const [low, high] = [28_573, 28_574];

/** They ignore SIGTERM, so that each takes a second to stop. */
const define = (web: number, api: number, seconds = "600", grace = "1s"): string =>
  `import { project, ready, service } from "reyns";
project("exchanged-ports");
const settings = { image: ${JSON.stringify(smallImage)}, stopGracePeriod: "${grace}", ready: ready.file("/etc/hostname") };
service("web", { ...settings, command: ["sleep", "600"], ports: ["127.0.0.1:${web}:80"] });
service("api", { ...settings, command: ["sleep", "${seconds}"], ports: ["127.0.0.1:${api}:80"] });
`;

async function create(grace?: string): Promise<Project> {
  const shop = await createProject({ "reyns.ts": define(low, high, undefined, grace) });
  await shop.must("run all");
  return shop;
}

const running = ({ folder }: Project): Promise<Record<string, string>> => runningIds(folder);

test("run stops both, then starts both, and plan shows it", async () => {
  await using shop = await create();
  const before = await running(shop);
  await shop.write({ "reyns.ts": define(high, low) });
  const shown = await shop.must("plan");
  expect(shown).toMatch(/^- stop +web-one +its port goes to api-one$/m);
  expect(shown).toMatch(/^~ replace +api-one +changed$/m);
  const { status, stderr } = await shop.reyns("run all");
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: expect.stringContaining("api-one ready"),
  });
  const containers = await inspectAll(shop.folder);
  for (const [host, port] of [
    ["web-one", high],
    ["api-one", low],
  ] as const) {
    const { State, HostConfig, Id } = containers.get(host) ?? {};
    expect(State?.Running).toBe(true);
    expect(JSON.stringify(HostConfig?.PortBindings)).toContain(`"${port}"`);
    expect(Id).not.toBe(before[host] ?? "");
  }
  // Both containers and the network.
  expect(await listOwned(shop.folder)).toHaveLength(3);
  expect((await shop.reyns("run all")).stderr).toContain("up to date: web-one, api-one\n");
});

test("run brings both back when one of them fails", async () => {
  await using shop = await create();
  const before = await running(shop);
  await shop.write({ "reyns.ts": define(high, low, "no number") });
  const { status, stderr } = await shop.reyns("run all");
  expect(status).toBe(1);
  expect(stderr).toContain("error api-one: exited right after starting");
  expect(stderr).toMatch(
    /they exchange ports, so the former versions of (web-one, api-one|api-one, web-one) run again/,
  );
  expect(await running(shop)).toEqual(before);
  expect(await listOwned(shop.folder)).toHaveLength(3);
  await shop.write({ "reyns.ts": define(low, high) });
  expect((await shop.reyns("run all")).stderr).toContain("up to date: web-one, api-one\n");
});

test("after Ctrl-C while they stop, both run again", async () => {
  const grace = "5s";
  await using shop = await create(grace);
  const before = await running(shop);
  await shop.write({ "reyns.ts": define(high, low, undefined, grace) });
  await using relay = await openRelay();
  const going = await call(shop.folder, "run all", { env: { DOCKER_HOST: relay.host } });
  await until("both stops", async () => {
    const stops = relay.requests.filter((line) => /^POST \S*\/containers\/\w+\/stop/.test(line));
    return stops.length === 2;
  });
  going.interrupt();
  const { status, stderr } = await going.output;
  expect({ status, stderr }).toEqual({
    status: 130,
    stderr: expect.stringContaining("the former version runs again: "),
  });
  expect(await running(shop)).toEqual(before);
  await shop.must("run all");
  expect(await listOwned(shop.folder)).toHaveLength(3);
});
