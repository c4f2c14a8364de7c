import { describe, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { defaultDnsSettings } from "../../src/model/dns-settings.ts";
import { labels } from "../../src/model/labels.ts";
import { plan, startsOf, orderOf } from "./support/planning.ts";
import { copiedProject } from "./support/project-folder.ts";

describe("the demo", () => {
  test("is the same from reyns.ts and from default.conf", async () => {
    await using project = await copiedProject("demo", "reyns-demo");
    // The default policy is the only difference: in a reyns.ts, all instances of a service answer for its name.
    const sources = { caller: { DNS_UPDATE_POLICY: "REPLACE" }, hostConf: {}, interfaces: {} };
    const script = plan(await project.read(), { sources });
    await rm(join(project.folder, "reyns.ts"));
    const conf = await project.read();
    expect(plan(conf, { sources, parallel: true })).toEqual(script);
    expect(startsOf(plan(conf, { sources }).steps).map(({ spec }) => spec)).toEqual(
      startsOf(script.steps).map(({ spec }) => spec),
    );
    expect(orderOf(script.steps)).toEqual({
      "start reyns-dns-main": [],
      "start demo-one": ["start reyns-dns-main"],
      "start demo-two": ["start reyns-dns-main"],
    });
    expect(orderOf(plan(conf).steps)).toEqual({
      "start reyns-dns-main": [],
      "start demo-one": ["start reyns-dns-main"],
      "start demo-two": ["start demo-one"],
    });
  });

  test("on several nodes: a group on each, from reyns.ts and from the conf", async () => {
    await using project = await copiedProject("demo", "reyns-demo");
    const sources = {
      caller: { DNS_SERVICE_IP: "192.168.1.1", DNS_UPDATE_POLICY: "REPLACE" },
      hostConf: {},
      interfaces: { eth0: "192.168.1.2" },
    };
    const groups = async () => {
      const read = await project.read("default-multinode");
      return ["master", "node1", "node2"].map((group) =>
        startsOf(plan(read, { group, sources, parallel: true }).steps),
      );
    };
    const script = await groups();
    await rm(join(project.folder, "reyns.ts"));
    expect(await groups()).toEqual(script);
    const [master, node1, node2] = script.map((steps) => steps.map((step) => step.host));
    expect([master, node1, node2]).toEqual([
      ["reyns-dns-main"],
      ["demo-onenode1"],
      ["demo-onenode2"],
    ]);
    const [dns] = script[0] ?? [];
    expect(dns?.spec.ports).toEqual([
      { container: 53, host: 53, protocol: "udp", ip: "192.168.1.2" },
      { container: 53, host: 53, protocol: "tcp", ip: "192.168.1.2" },
    ]);
    const [demo] = script[1] ?? [];
    expect(demo?.spec).toMatchObject({
      dns: {
        servers: ["192.168.1.1"],
        search: ["local.zone"],
        options: ["ndots:1", "timeout:1", "attempts:2"],
      },
      env: { SERVICE_IP: "192.168.1.2", DNS_SERVICE_IP: "192.168.1.1" },
      labels: { [labels.group]: "node1" },
    });
    expect(demo?.register).toEqual({
      server: "192.168.1.1",
      ...defaultDnsSettings,
      address: "192.168.1.2",
      policy: "REPLACE",
      service: "demo",
      instance: "onenode1",
    });
  });

  test("of several nodes on one machine: the DNS is known by its SERVICE_IP, and waited for", async () => {
    await using project = await copiedProject("demo", "reyns-demo");
    const sources = { caller: {}, hostConf: {}, interfaces: { eth0: "192.168.1.2" } };
    const read = await project.read("default-multinode");
    const orderWith = (server: string) =>
      orderOf(plan(read, { sources: { ...sources, caller: { DNS_SERVICE_IP: server } } }).steps);
    expect(orderWith("192.168.1.2")).toMatchObject({
      "start demo-onenode2": ["start reyns-dns-main"],
    });
    expect(orderWith("192.168.1.1")).toMatchObject({ "start demo-onenode2": [] });
  });
});
