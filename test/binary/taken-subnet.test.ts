// Another project may take the subnet that a run has planned its network with.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must } from "../engine/support/images-container.ts";
import { createProject } from "./support/project.ts";
import { openRelay, type Relay } from "./support/relay.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";
import { openTerminal } from "./support/terminal.ts";

setDefaultTimeout(240_000);
beforeAll(importSmallImage);

const define = (network = ""): string => `import { network, project, ready, service } from "reyns";
project("taken-subnet");
${network}
service("web", { image: "${smallImage}", command: ["sleep", "600"], stopSignal: "SIGKILL", ready: ready.started() });
`;

interface Rival extends AsyncDisposable {
  readonly relay: Relay;
  readonly networks: readonly string[];
}

/** A way to the Engine on which somebody else takes each planned subnet first, so many times. */
async function openRival(times: number): Promise<Rival> {
  const networks: string[] = [];
  const relay = await openRelay({
    request: (text) => {
      const [, subnet] = /^POST \/\S*networks\/create [^]*"Subnet":"([^"]+)"/.exec(text) ?? [];
      if (subnet === undefined || networks.length === times) return "pass";
      const name = `taken-subnet-rival-${process.pid}-${networks.length}`;
      networks.push(name);
      const made = Bun.spawnSync(["docker", "network", "create", "--subnet", subnet, name]);
      if (made.exitCode !== 0) throw new Error(made.stderr.toString());
      return "pass";
    },
  });
  return {
    relay,
    networks,
    [Symbol.asyncDispose]: async () => {
      await relay[Symbol.asyncDispose]();
      for (const name of networks) await must("docker", "network", "rm", name);
    },
  };
}

test("a run whose subnet another network takes meanwhile chooses another one", async () => {
  await using shop = await createProject({ "reyns.ts": define() });
  await using rival = await openRival(1);
  const { status, stderr } = await shop.reyns("run all", {
    env: { DOCKER_HOST: rival.relay.host },
  });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(rival.networks).toHaveLength(1);
  expect(await shop.json("ps")).toMatchObject([{ service: "web", state: "running" }]);
});

test("a subnet that is taken again is said, and the next run goes on", async () => {
  await using shop = await createProject({ "reyns.ts": define() });
  await using rival = await openRival(2);
  const { status, stderr } = await shop.reyns("run all", {
    env: { DOCKER_HOST: rival.relay.host },
  });
  expect(status).toBe(1);
  expect(stderr).toContain("network: another network has taken its subnet since the plan was made");
  await shop.must("run all");
});

const shopOf = (
  more: string,
  options = "",
): string => `import { network, project, ready, service } from "reyns";
project("taken-subnet");
const sleeper = { image: "${smallImage}", command: ["sleep", "600"], stopSignal: "SIGKILL", ready: ready.started() };
service("web", { ...sleeper${options} });
${more}
`;

/** The definition after that: a further network, no instance `old`, and another volume for `web`. */
const next = ', volumes: ["other:/data"], networks: ["default", "back"]';
const changed = shopOf('network("back");', next);
const former = shopOf('service("old", sleeper);', ', volumes: ["data:/data"]');

test("a run that plans again asks and reports once", async () => {
  await using shop = await createProject({ "reyns.ts": former });
  await shop.must("run all");
  await shop.write({ "reyns.ts": changed });
  await using rival = await openRival(1);
  const env = { DOCKER_HOST: rival.relay.host };
  await using terminal = await openTerminal({ folder: shop.folder, env, columns: 200 });
  await terminal.type("reyns run all");
  await terminal.see("Go on without it?");
  await terminal.press("y");
  const screen = await terminal.see(/\n\[0\]\$$/);
  expect(rival.networks).toHaveLength(1);
  for (const once of [/Go on without it/g, /no longer defined/g])
    expect(screen.match(once)).toHaveLength(1);
});

test("a run whose networks cannot be made has removed nothing", async () => {
  await using shop = await createProject({ "reyns.ts": former });
  await shop.must("run all");
  await shop.write({ "reyns.ts": changed });
  await using rival = await openRival(2);
  const { status } = await shop.reyns("run all prune=true yes=true", {
    env: { DOCKER_HOST: rival.relay.host },
  });
  expect(status).toBe(1);
  const running = await shop.json("ps");
  expect(running).toEqual([
    expect.objectContaining({ service: "old", state: "running" }),
    expect.objectContaining({ service: "web", state: "running" }),
  ]);
});

test("a subnet that the definition gives is not exchanged for another one", async () => {
  const given = `network("default", { ipam: { config: [{ subnet: "10.85.${process.pid % 250}.0/24" }] } });`;
  await using shop = await createProject({ "reyns.ts": define(given) });
  await using rival = await openRival(1);
  const { status, stderr } = await shop.reyns("run all", {
    env: { DOCKER_HOST: rival.relay.host },
  });
  expect(status).toBe(1);
  expect(stderr).toContain("overlaps");
  expect(rival.networks).toHaveLength(1);
});
