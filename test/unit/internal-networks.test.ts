import { describe, expect, test } from "bun:test";
import type { ObservedNetwork } from "../../src/model/networks.ts";
import { observed, plan, startOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";
import { readNetworkProject } from "./support/network-project.ts";

const images = ["web"];

test("an internal default network publishes no ports", async () => {
  await using folder = await projectFolder({
    "reyns.ts": `import { network, service } from "reyns";
network("default", { internal: true });
service("web", { image: "web", ports: [80] });
`,
  });
  const [mistake, ...more] = await folder.mistakes();
  expect(mistake).toStartWith("reyns.ts:3:32 ports of an instance that is in internal networks");
  expect(mistake).toEndWith("add a network that leads out, or leave out ports");
  expect(more).toEqual([]);
});

describe("the resolver of an instance", () => {
  const dnsOf = async (script: string, networks: readonly ObservedNetwork[] = []) => {
    const project = await readNetworkProject(script);
    const { steps } = plan(project, {
      observed: observed({ images, subnet: undefined, networks }),
    });
    return startOf(steps, "web-one").spec.dns;
  };

  test("answers for names without a dot itself where all networks are internal", async () => {
    const isolated = { servers: [], search: ["."], options: ["ndots:1"] };
    const back = 'network("back", { internal: true });';
    const inBack = (networks: string, more = ""): string =>
      `${back} service("web", { image: "web", networks: ${networks}${more} });`;
    expect(await dnsOf(inBack('["back"]'))).toEqual(isolated);
    expect(await dnsOf(inBack('["back", "default"]'))).toBeUndefined();
    expect(await dnsOf(inBack('["back"]', ', dnsSearch: ["a.example"]'))).toEqual({
      ...isolated,
      search: ["a.example"],
    });
    const external = 'network("out", { external: true });';
    const found = { id: "o", name: "out", project: "", origin: "", subnets: [], users: [] };
    const there = [{ ...found, definition: undefined, settings: { internal: true } }];
    expect(await dnsOf(`${external} ${inBack('["out"]')}`, there)).toEqual(isolated);
    expect(await dnsOf(`${external} ${inBack('["out"]')}`)).toBeUndefined();
  });
});
