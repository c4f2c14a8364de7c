import { describe, expect, test } from "bun:test";
import { createOptions } from "../../src/docker/containers/create-options.ts";
import type { ObservedInstance } from "../../src/model/observed.ts";
import type { InstanceDefinition } from "../../src/model/project.ts";
import { withSharers } from "../../src/plan/lifecycle-plan.ts";
import { observed, plan, projectOf, startOf, started, startsOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

const images = ["vpn", "web"];
const shared = { kind: "instance", target: { service: "vpn", instance: "one" } } as const;
const sharing = (vpn: Partial<InstanceDefinition> = {}, web: Partial<InstanceDefinition> = {}) =>
  projectOf([
    { service: "web", image: "web", networkMode: shared, ...web },
    { service: "vpn", image: "vpn", ...vpn },
  ]);

/** The instances of a plan when they run. */
function running(project = sharing()): ObservedInstance[] {
  return startsOf(plan(project, { observed: observed({ images }) }).steps).map((step) =>
    started(step, {
      isDisconnected: false,
      networkMode: step.spec.networkMode === undefined ? "net" : "container:id-vpn-one",
    }),
  );
}

describe("the network of another instance", () => {
  test("is used by the name of its container, with its address and after it", () => {
    const { steps } = plan(sharing(), { observed: observed({ images }) });
    const [vpn, web] = [startOf(steps, "vpn-one"), startOf(steps, "web-one")];
    expect(web.spec).toMatchObject({
      network: undefined,
      networkMode: `container:${vpn.spec.name}`,
    });
    expect([web.address, web.after]).toEqual([vpn.address, [vpn.id]]);
    expect(web.spec.labels["io.reyns.address"]).toBe(vpn.address);
    const { Hostname, HostConfig } = createOptions(web.spec);
    expect([Hostname, HostConfig?.NetworkMode]).toEqual([undefined, web.spec.networkMode ?? ""]);
  });

  test("is selected with the instance that needs it", () => {
    const { steps } = plan(sharing(), {
      observed: observed({ images }),
      service: "web",
      deps: true,
    });
    expect(startsOf(steps).map(({ host }) => host)).toEqual(["web-one", "vpn-one"]);
  });

  test("a run after a run has nothing to do", () => {
    const { steps } = plan(sharing(), { observed: observed({ images, instances: running() }) });
    expect(startsOf(steps)).toEqual([]);
  });

  test.each(["all", "vpn"])(
    "when it is replaced, its sharers are too, or none: run %s",
    (service) => {
      const project = sharing({ env: { A: { kind: "text", text: "b" } } });
      const seen = observed({ images, instances: running() });
      const starts = startsOf(plan(project, { observed: seen, service }).steps);
      expect(
        starts.map(({ host, reason, together }) => [host, reason, together].join(": ")).toSorted(),
      ).toEqual([
        "vpn-one: changed: env A: network of vpn-one",
        "web-one: vpn-one, whose network it shares, is a new one: network of vpn-one",
      ]);
    },
  );

  test("when it is restarted, its sharers are too", () => {
    const instances = running().map((instance) =>
      instance.host === "vpn-one" ? { ...instance, state: "exited", exitCode: 1 } : instance,
    );
    const { steps } = plan(sharing(), { observed: observed({ images, instances }) });
    const restarts = steps.filter((step) => step.kind === "restart-instance");
    expect(restarts.map(({ host, after }) => [host, after])).toEqual([
      ["web-one", ["start vpn-one"]],
      ["vpn-one", []],
    ]);
  });

  test("that is gone makes its sharers be replaced", () => {
    const instances = running().map((instance) =>
      instance.host === "web-one" ? { ...instance, networkMode: "container:other" } : instance,
    );
    const { steps } = plan(sharing(), { observed: observed({ images, instances }) });
    expect(startsOf(steps).map(({ host }) => host)).toEqual(["web-one"]);
  });

  test("start and restart of it include what runs in it", () => {
    const [web, vpn] = running();
    if (!web || !vpn) throw new Error("not two instances");
    expect(withSharers([vpn], [web, vpn])).toEqual([vpn, web]);
    expect(withSharers([web], [web, vpn])).toEqual([web]);
    expect(withSharers([vpn], [{ ...web, state: "exited" }, vpn])).toEqual([vpn]);
  });
});

test("no network at all", () => {
  const project = projectOf([{ service: "web", image: "web", networkMode: { kind: "none" } }]);
  const planned = plan(project, { observed: observed({ images, subnet: undefined }) });
  expect(planned.steps.map(({ kind }) => kind)).toEqual(["start-instance"]);
  expect(startOf(planned.steps, "web-one")).toMatchObject({
    address: "",
    spec: { network: undefined, networkMode: "none", dns: undefined },
  });
});

test.each([
  ["net", "host"],
  ["host", "net"],
  ["none", "net"],
])("a change from %s to %s is a change", (before, now) => {
  const definition = (mode: string) =>
    projectOf([{ service: "web", image: "web", properties: { nethost: mode === "host" } }]);
  const [web] = startsOf(plan(definition(before), { observed: observed({ images }) }).steps);
  if (!web) throw new Error("nothing to start");
  const instances = [started(web, { networkMode: before, isDisconnected: false })];
  const { changes } = plan(definition(now), { observed: observed({ images, instances }) });
  expect(changes.get("web-one")).toEqual(["networkMode"]);
});

const header =
  'import { link, service } from "reyns";\nconst vpn = service("vpn", { image: "i" });\n';

test('networkMode: "host" is nethost', async () => {
  await using folder = await projectFolder({
    "reyns.ts": `${header}service("web", { image: "i", networkMode: "host" });\n`,
  });
  const { conf } = await folder.read();
  expect(conf.instances[1]).toMatchObject({
    networkMode: undefined,
    properties: { nethost: true },
  });
});

test.each(["vpn", '"service:vpn"'])("networkMode: %s leads to the instance", async (given) => {
  await using folder = await projectFolder({
    "reyns.ts": `${header}service("web", { image: "i", networkMode: ${given} });\n`,
  });
  const { conf } = await folder.read();
  expect(conf.instances[1]?.networkMode).toMatchObject({
    kind: "instance",
    target: { service: "vpn" },
  });
});

describe("mistakes at their places", () => {
  test.each([
    ["networkMode: vpn, ports: [80]", "ports cannot stand beside networkMode"],
    ["networkMode: vpn, hostname: 'x'", "hostname cannot stand beside networkMode"],
    ["networkMode: vpn, dns: '1.1.1.1'", "dns cannot stand beside networkMode"],
    ["networkMode: vpn, extraHosts: ['a:10.0.0.1']", "extraHosts cannot stand beside networkMode"],
    ["networkMode: vpn, links: [vpn]", "links cannot stand beside networkMode"],
    ["networkMode: 'none', networks: ['default']", "networks cannot stand beside networkMode"],
    ["networkMode: 'none', nethost: true", "nethost cannot stand beside networkMode"],
    [
      "networkMode: 'host', networks: ['default']",
      "an instance in the host's network is in no other",
    ],
    ["networkMode: 'service:vpm'", 'networkMode refers to the unknown service "vpm"'],
    ["networkMode: 'service:web'", "it points to the instance itself"],
    ["networkMode: 'bridge'", 'networkMode is "bridge"'],
  ])("%s", async (options, message) => {
    await using folder = await projectFolder({
      "reyns.ts": `${header}service("web", { image: "i", ${options} });\n`,
    });
    const [mistake, ...more] = await folder.mistakes();
    expect(mistake).toContain(message);
    expect(mistake).toMatch(/^reyns.ts:3:[3-9]\d /);
    expect(more).toEqual([]);
  });

  test("the services that come with Reyns, and invalid names, are not offered as targets", async () => {
    await using folder = await projectFolder({
      "reyns.ts": `${header}service("Web_3", { image: "i" });
service("web", { image: "i", after: ["wbe"] });
`,
    });
    const mistakes = (await folder.mistakes()).join("\n");
    expect(mistakes).toContain('did you mean "web"? accepted: vpn, web');
    expect(mistakes).not.toMatch(/reyns-base|accepted.*Web_3/);
  });

  test("an instance that is in another one's network itself", async () => {
    await using folder = await projectFolder({
      "reyns.ts": `${header}const a = service("a", { image: "i", networkMode: vpn });
service("b", { image: "i", networkMode: a });
`,
    });
    expect(await folder.mistakes()).toEqual([
      expect.stringContaining("a-one is in the network of another instance itself"),
    ]);
  });
});

describe("the network of a container that is not the project's", () => {
  const inContainer = (name: string) =>
    projectOf([{ service: "web", image: "web", networkMode: { kind: "container", name } }]);

  test("is used by its name, and another name is a change", () => {
    const { steps } = plan(inContainer("vpn"), { observed: observed({ images }) });
    const step = startOf(steps, "web-one");
    expect(createOptions(step.spec)).toMatchObject({
      HostConfig: { NetworkMode: "container:vpn" },
    });
    expect(createOptions(step.spec).Hostname).toBeUndefined();
    const instances = [started(step, { isDisconnected: false, networkMode: "container:id" })];
    const seen = observed({ images, instances });
    expect(startsOf(plan(inContainer("vpn"), { observed: seen }).steps)).toEqual([]);
    expect(startsOf(plan(inContainer("other"), { observed: seen }).steps)).toHaveLength(1);
  });

  test.each([
    ['networkMode: "container:vpn", ports: [80]', "ports cannot stand beside networkMode"],
    ['networkMode: "container:"', 'accepted: "host", "none", "service:NAME", "container:NAME"'],
  ])("%s is a mistake", async (options, message) => {
    await using folder = await projectFolder({
      "reyns.ts": `import { service } from "reyns";\nservice("web", { image: "i", ${options} });\n`,
    });
    const [mistake, ...more] = await folder.mistakes();
    expect(mistake).toContain(message);
    expect(mistake).toMatch(/^reyns.ts:2:[3-9]\d /);
    expect(more).toEqual([]);
  });
});
