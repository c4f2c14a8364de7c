// Ctrl-C while a container is being replaced: the old one or the new one has to serve afterwards.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must, until } from "../engine/support/images-container.ts";
import { inspectAll } from "./support/engine.ts";
import { createProject, listOwned, type Project } from "./support/project.ts";
import { openRelay, type Relay } from "./support/relay.ts";
import { call, type Call } from "./support/reyns.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

// They wait for graces to end, side by side.
setDefaultTimeout(240_000);
beforeAll(importSmallImage);

/** It ignores SIGTERM, so that the Engine kills it after its grace period. */
const define = (
  version: number,
  grace = "4s",
): string => `import { project, ready, service } from "reyns";
project("interrupted-replacement");
service("web", { image: ${JSON.stringify(smallImage)}, stopGracePeriod: "${grace}", ready: ready.started(),
  command: ["sleep", "600"], env: { VERSION: "${version}" } });
`;

/** It is ready when the commands have made /up. */
const slow = (commands: string): string => `import { project, ready, service } from "reyns";
project("interrupted-replacement");
service("web", { image: ${JSON.stringify(smallImage)}, stopGracePeriod: "1s", ready: ready.file("/up"), timeout: 300,
  command: ["sh", "-c", ${JSON.stringify(commands)}] });
`;

async function create(grace?: string): Promise<Project> {
  const shop = await createProject({ "reyns.ts": define(1, grace) });
  await shop.must("run all");
  await shop.write({ "reyns.ts": define(2, grace) });
  return shop;
}

interface Going extends AsyncDisposable {
  readonly call: Call;
  readonly relay: Relay;
  /** Resolves when the call asks the Engine for something. */
  asks(pattern: RegExp): Promise<void>;
}

async function start(shop: Project, line: string): Promise<Going> {
  const relay = await openRelay();
  return {
    relay,
    call: await call(shop.folder, line, { env: { DOCKER_HOST: relay.host } }),
    asks: async (pattern) => {
      await until(String(pattern), async () =>
        relay.requests.some((request) => pattern.test(request)),
      );
    },
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  };
}

/** Ids and names of what runs. */
async function running(shop: Project): Promise<string[]> {
  const filters = ["--filter", `label=io.reyns.folder=${shop.folder}`];
  const format = ["--no-trunc", "--format", "{{.ID}} {{.Names}}"];
  return (await must("docker", "ps", ...filters, ...format)).split("\n").filter(Boolean);
}

const stop = /^POST \S*\/containers\/\w+\/stop/;
const creation = /^POST \S*\/containers\/create/;
const firstStart = /^POST \S*\/containers\/\w+\/start/;

test.concurrent.each([
  ["SIGINT", "the old container stops", stop],
  ["SIGTERM", "the old container stops", stop],
  ["SIGINT", "the new one is created", creation],
  ["SIGINT", "the new one starts", firstStart],
] as const)("after %s while %s, one of them runs", async (signal, _, moment) => {
  await using shop = await create();
  const before = (await inspectAll(shop.folder)).get("web-one")?.Id;
  await using going = await start(shop, "run all");
  await going.asks(moment);
  going.call.kill(signal);
  const { status, stderr } = await going.call.output;
  expect({ status, stderr }).toEqual({
    status: 130,
    stderr: expect.stringContaining("error interrupted"),
  });
  const serving = await running(shop);
  expect(serving).toEqual([expect.stringMatching(/ \S+-web-one$/)]);
  if (moment === stop) {
    expect(serving[0]).toStartWith(`${before} `);
    expect(stderr).toContain("warning web-one: waiting until it has stopped");
    expect(stderr).toContain("not replaced, the former version runs again: web-one\n");
  }
  await shop.must("run all");
  expect((await inspectAll(shop.folder)).get("web-one")?.Config.Env).toContain("VERSION=2");
  // The container and the network.
  expect(await listOwned(shop.folder)).toHaveLength(2);
});

test.concurrent("a second Ctrl-C ends the call at once, and the next one completes it", async () => {
  await using shop = await create("8s");
  await using going = await start(shop, "run all");
  await going.asks(stop);
  going.call.interrupt();
  await until("the handler to be gone", async () => {
    going.call.interrupt();
    return Promise.race([going.call.output.then(() => true), Bun.sleep(100).then(() => false)]);
  });
  expect((await going.call.output).status).toBe(130);
  const { State } = (await inspectAll(shop.folder)).get("web-one") ?? {};
  expect(State?.Running).toBe(true);
  await shop.must("run all");
  expect((await inspectAll(shop.folder)).get("web-one")?.Config.Env).toContain("VERSION=2");
});

test.concurrent("Ctrl-C ends the wait for a former container that starts again, which runs on", async () => {
  await using shop = await createProject({ "reyns.ts": slow("sleep 600; touch /up") });
  const first = await call(shop.folder, "run all");
  await until("it to run", async () => (await running(shop)).length > 0);
  first.interrupt();
  await first.output;
  const before = await running(shop);
  await shop.write({ "reyns.ts": slow("exit 3") });
  await using going = await start(shop, "run all");
  await going.asks(/^GET \S*\/containers\/json/);
  await until("the former container to run again", async () =>
    going.relay.requests.some((request) => /^DELETE \S*\/containers\/\w+/.test(request))
      ? Bun.deepEquals(await running(shop), before)
      : false,
  );
  going.call.interrupt();
  const { status, stderr } = await going.call.output;
  expect({ status, stderr }).toEqual({
    status: 130,
    stderr: expect.stringContaining("not replaced, the former version runs again: web-one\n"),
  });
  expect(await running(shop)).toEqual(before);
});

test.concurrent("after Ctrl-C while restart stops an instance, it runs again", async () => {
  await using shop = await create();
  await using going = await start(shop, "restart web");
  await going.asks(stop);
  going.call.interrupt();
  expect((await going.call.output).status).toBe(130);
  expect((await inspectAll(shop.folder)).get("web-one")?.State.Running).toBe(true);
});
