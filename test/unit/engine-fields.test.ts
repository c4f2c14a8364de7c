import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { instanceFromOptions, serviceSchema } from "../../src/api/schema.ts";
import { createOptions } from "../../src/docker/containers/create-options.ts";
import { engineFields } from "../../src/model/engine-fields.ts";
import { portRangeErrors, unsupportedFieldErrors } from "../../src/plan/checks/engine-support.ts";
import { specFields } from "../../src/plan/describe/spec-fields.ts";
import { plan, projectOf, startOf } from "./support/planning.ts";

const at = { file: "/home/me/shop/reyns.ts", line: 3, column: 1 };
const noFiles = { env: {}, files: [], secrets: [] };

/** The plan of one instance with these options. */
function planOf(options: object) {
  const project = projectOf([
    instanceFromOptions("web", v.parse(serviceSchema, { image: "i", ...options }), noFiles, at),
  ]);
  return { project, steps: plan(project).steps };
}

function hostConfigOf(options: object): object {
  return createOptions(startOf(planOf(options).steps, "web-one").spec).HostConfig ?? {};
}

describe("a field is one value of the Engine's HostConfig", () => {
  const rows: [keyof typeof engineFields, unknown, unknown][] = [
    ["annotations", { a: 1 }, { a: "1" }],
    ["capAdd", ["NET_ADMIN"], ["NET_ADMIN"]],
    ["capDrop", ["ALL"], ["ALL"]],
    ["cgroup", "host", "host"],
    ["cgroupParent", "/shop", "/shop"],
    ["cpuPeriod", "50ms", 50_000],
    ["cpuQuota", 25_000, 25_000],
    ["cpuRtPeriod", "1s", 1_000_000],
    ["cpuRtRuntime", "400us", 400],
    ["cpuShares", 512, 512],
    ["cpus", 0.5, 5e8],
    ["cpuset", "0-1", "0-1"],
    ["deviceCgroupRules", ["c 1:3 mr"], ["c 1:3 mr"]],
    ["groupAdd", [7, "wheel"], ["7", "wheel"]],
    ["init", true, true],
    ["ipc", "host", "host"],
    ["memLimit", "8m", 8_388_608],
    ["memReservation", "8m", 8_388_608],
    ["memSwappiness", 0, 0],
    ["memswapLimit", -1, -1],
    ["oomKillDisable", true, true],
    ["oomScoreAdj", -500, -500],
    ["pid", "host", "host"],
    ["pidsLimit", -1, -1],
    ["readOnly", true, true],
    ["runtime", "runsc", "runsc"],
    ["securityOpt", ["no-new-privileges"], ["no-new-privileges"]],
    ["shmSize", "1m", 1_048_576],
    ["storageOpt", { size: "1G" }, { size: "1G" }],
    ["sysctls", { "net.core.somaxconn": 9 }, { "net.core.somaxconn": "9" }],
    ["tmpfs", ["/run:size=1m"], { "/run": "size=1m" }],
    ["usernsMode", "host", "host"],
    ["uts", "host", "host"],
  ];
  test.each(rows)("%s: %j", (name, given, expected) => {
    expect(hostConfigOf({ [name]: given })).toHaveProperty(engineFields[name].key, expected);
  });

  test("each field of the table has a row", () => {
    expect(rows.map(([name]) => name)).toEqual(
      Object.keys(engineFields) as (keyof typeof engineFields)[],
    );
  });

  test("nothing is sent for a field that is not given", () => {
    const sent = Object.entries(hostConfigOf({}))
      .filter(([key]) => Object.values(engineFields).some((row) => row.key === key))
      .filter(([, value]: [string, unknown]) => Object.keys(value ?? {}).length > 0);
    expect(sent).toEqual([]);
  });
});

describe("gpus and blkioConfig", () => {
  const gpu = { Driver: "", DeviceIDs: [], Capabilities: [["gpu"]], Options: {} };
  test.each([
    ["all", { ...gpu, Count: -1 }],
    [[{ count: 2 }], { ...gpu, Count: 2 }],
    [[{ count: "all", driver: "nvidia" }], { ...gpu, Driver: "nvidia", Count: -1 }],
    [
      [{ deviceIds: ["0"], capabilities: ["gpu", "utility"], options: { a: 1 } }],
      {
        Driver: "",
        Count: 0,
        DeviceIDs: ["0"],
        Capabilities: [["gpu", "utility"]],
        Options: { a: "1" },
      },
    ],
  ])("%j", (gpus, expected) => {
    expect(hostConfigOf({ gpus })).toMatchObject({ DeviceRequests: [expected] });
  });

  test("count and deviceIds exclude each other", () => {
    const gpus = [{ count: 1, deviceIds: ["0"] }];
    expect(() => planOf({ gpus })).toThrow("count or deviceIds, not both");
  });

  test("block devices by path", () => {
    const blkioConfig = { weight: 300, deviceReadBps: [{ path: "/dev/sda", rate: "1m" }] };
    expect(hostConfigOf({ blkioConfig })).toMatchObject({
      BlkioWeight: 300,
      BlkioDeviceReadBps: [{ Path: "/dev/sda", Rate: 1_048_576 }],
    });
    expect(() => planOf({ blkioConfig: { weight: 5 } })).toThrow("from 10 to 1000");
  });
});

describe("dns", () => {
  test("servers, search and options reach the container, and the plan's comparison", () => {
    const { steps } = planOf({ dns: "10.0.0.1", dnsSearch: ["a.example"], dnsOpt: ["ndots:2"] });
    const { spec } = startOf(steps, "web-one");
    expect(createOptions(spec).HostConfig).toMatchObject({
      Dns: ["10.0.0.1"],
      DnsSearch: ["a.example"],
      DnsOptions: ["ndots:2"],
    });
    expect(specFields(spec)["dns"]).toEqual(["10.0.0.1", "search a.example", "options ndots:2"]);
  });

  test("servers of its own replace the project's DNS, its search domain stays", () => {
    const env = { DNS_SERVICE_IP: "10.9.9.9" };
    const { steps } = planOf({ env, dns: ["10.0.0.1", "::1"] });
    expect(startOf(steps, "web-one").spec.dns).toMatchObject({
      servers: ["10.0.0.1", "::1"],
      search: ["local.zone"],
    });
  });

  test("a server is an address", () => {
    expect(() => planOf({ dns: ["ns.example"] })).toThrow("an IP address");
  });
});

test("domainname and macAddress", () => {
  const { steps } = planOf({ domainname: "example.com", macAddress: "02:42:ac:11:00:09" });
  const request = createOptions(startOf(steps, "web-one").spec);
  expect(request as object).toMatchObject({
    Domainname: "example.com",
    MacAddress: "02:42:ac:11:00:09",
  });
  const endpoints = Object.values(request.NetworkingConfig?.EndpointsConfig ?? {});
  expect(endpoints).toMatchObject([{ MacAddress: "02:42:ac:11:00:09" }]);
});

describe("a field that the Engine is too old for", () => {
  const rows: [object, string, string][] = [
    [{ healthcheck: { startInterval: "1s" } }, "1.43", "healthcheck.startInterval"],
    [{ annotations: { a: "b" } }, "1.42", "annotations"],
  ];
  test.each(rows)("%j is an error at its place", (options, apiVersion, field) => {
    const { project, steps } = planOf(options);
    const [error, ...more] = unsupportedFieldErrors(steps, project, apiVersion);
    expect(error?.message).toBe(`web-one: this Engine does not have ${field}`);
    expect(error?.at).toEqual({ ...at, path: field.split(".") });
    expect(more).toEqual([]);
    expect(unsupportedFieldErrors(steps, project, "1.48")).toEqual([]);
  });
});

test("a range of host ports for one port is an error at its place, which names what Podman takes", () => {
  const { project, steps } = planOf({ ports: ["8000-8010:80", "0:81", "90:90"] });
  const [error, ...more] = portRangeErrors(steps, project);
  expect(more).toEqual([]);
  expect(error?.message).toBe("web-one: Podman cannot choose a port of 8000-8010 for 80");
  expect(error?.hint).toContain('"8000:80", or 0 for any free one: "0:80"');
  expect(error?.at).toMatchObject({ line: 3, path: ["ports"] });
});
