import { describe, expect, test } from "bun:test";
import type { ObservedNetwork } from "../../src/model/networks.ts";
import type { CreateNetwork } from "../../src/model/steps.ts";
import { describeConfig } from "../../src/plan/project-config.ts";
import { projectGraph } from "../../src/plan/project-graph.ts";
import { selectInstances } from "../../src/plan/select/select.ts";
import { plainSelection } from "../../src/plan/select/selection.ts";
import type { RunPlan } from "../../src/plan/run-plan.ts";
import { observed, plan, startOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";
import { readNetworkProject } from "./support/network-project.ts";

const web = 'service("web", { image: "web" });';
const images = ["web"];
const nothing = observed({ images, subnet: undefined });

function networkIn({ steps }: RunPlan): CreateNetwork | undefined {
  return steps.find((step) => step.kind === "create-network");
}

describe("a default network that is not the project's own", () => {
  test.each([
    ["external", '{ external: true, name: "traefik" }', "traefik", undefined],
    ["external under its own name", "{ external: true }", "default", undefined],
    ["with a name", '{ name: "shop_net" }', "shop_net", "network default-network"],
    ["of another driver", '{ driver: "macvlan", name: "lan" }', "lan", "network default-network"],
  ])("%s, takes its place in all instances", async (_, options, name, step) => {
    const project = await readNetworkProject(`network("default", ${options}); ${web}
service("api", { image: "web", networks: [{ network: "default", aliases: ["shop"] }] });
service("host", { image: "web", networkMode: "none" });`);
    const planned = plan(project, { observed: nothing });
    expect(networkIn(planned)?.id).toBe(step);
    const specOf = (host: string) => startOf(planned.steps, host).spec;
    expect(specOf("web-one").network).toMatchObject({ name, aliases: ["web-one", "web"] });
    expect(specOf("api-one").network).toMatchObject({ name, aliases: ["api-one", "api", "shop"] });
    expect(specOf("host-one").networkMode).toBe("none");
  });

  test("is called default wherever it is shown", async () => {
    const project = await readNetworkProject(`network("default", { name: "a" }); ${web}`);
    const [selected] = selectInstances(project, plainSelection("*"));
    if (!selected) throw new Error("nothing is selected");
    const sources = { caller: {}, hostConf: {}, interfaces: {} };
    expect(describeConfig(project, selected, sources)).toMatchObject({
      networks: [{ network: "default" }],
    });
    expect(projectGraph(project, undefined, sources).nodes[0]?.networks).toEqual(["default"]);
  });

  test("has instances of services that are not defined as well", async () => {
    await using folder = await projectFolder({
      "reyns.ts": 'import { network } from "reyns";\nnetwork("default", { name: "a" });\n',
      "services/extra/Dockerfile": "FROM scratch\n",
    });
    const project = await folder.read();
    const { steps } = plan(project, { observed: nothing, service: "extra", instance: "one" });
    expect(startOf(steps, "extra-one").spec.network?.name).toBe("a");
  });

  test("has no DNS", async () => {
    await using folder = await projectFolder({
      "reyns.ts":
        'import { dns, network } from "reyns";\nnetwork("default", { name: "a" });\ndns({});\n',
    });
    const project = await folder.read();
    expect(() => plan(project, { observed: nothing })).toThrow(/outside the project's own network/);
  });

  test("that Compose has made for the project is used as it is", async () => {
    const project = await readNetworkProject(`network("default", { name: "shop_net" }); ${web}`);
    const network = (names: Record<string, string>): ObservedNetwork => ({
      id: "c",
      name: "shop_net",
      project: "",
      origin: "",
      subnets: ["172.18.0.0/16"],
      definition: undefined,
      settings: { labels: names },
      users: [],
    });
    const planWith = (owner: string) => {
      const networks = [network({ "com.docker.compose.project": owner })];
      return plan(project, { observed: observed({ images, networks }) });
    };
    const planned = planWith(project.name);
    expect(networkIn(planned)).toBeUndefined();
    expect(startOf(planned.steps, "web-one").spec.network).toMatchObject({
      name: "shop_net",
      address: undefined,
    });
    expect(() => planWith("other")).toThrow(/taken/);
  });
});
