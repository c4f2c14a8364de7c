import { describe, expect, test } from "bun:test";
import { parse, safeParse } from "valibot";
import { portDefinitions } from "../../src/api/field-schemas.ts";
import { createOptions } from "../../src/docker/containers/create-options.ts";
import type { ObservedInstance } from "../../src/model/observed.ts";
import type { InstanceDefinition } from "../../src/model/project.ts";
import { formatPort } from "../../src/ui/graph/labels.ts";
import { formatPorts } from "../../src/ui/views/instances.ts";
import { collide } from "../../src/plan/checks/ports.ts";
import { portConflictErrors, publishedPorts } from "../../src/plan/checks/taken-ports.ts";
import { observed, plan, projectOf, started, startOf } from "./support/planning.ts";

const web = (ports: InstanceDefinition["ports"]) => projectOf([{ service: "web", ports }]);
const free = { container: 80, host: 0, protocol: "tcp" } as const;

describe("a port of a range", () => {
  const some = { container: 80, host: 0, within: "8000-8002", protocol: "tcp" } as const;

  test("is the Engine's choice among them", () => {
    const { steps } = plan(web([some]));
    const { spec } = startOf(steps, "web-one");
    expect(createOptions(spec).HostConfig?.PortBindings).toEqual({
      "80/tcp": [{ HostIp: "", HostPort: "8000-8002" }],
    });
    expect(formatPort(some)).toBe("8000-8002->80/tcp");
  });

  test.each([
    [8001, "8001"],
    [9000, "8000-8002"],
  ])("stays when its instance is replaced, if it is in it: %d", (host, kept) => {
    const step = startOf(plan(web([some])).steps, "web-one");
    const ports = [{ container: 80, host, protocol: "tcp" as const, ip: "0.0.0.0" }];
    const instances = [started(step, { ports })];
    const again = plan(web([some]), { observed: observed({ instances }), recreate: true });
    const { spec } = startOf(again.steps, "web-one");
    expect(createOptions(spec).HostConfig?.PortBindings).toEqual({
      "80/tcp": [{ HostIp: "", HostPort: kept }],
    });
  });

  test.each(["8000-8002:80", { container: 80, host: "8000-8002" }])(
    "as %j is another one",
    (given) => expect(parse(portDefinitions, [given])).toEqual([some]),
  );

  test.each(["8002-8000", "80-70000", "x", "8000"])("%j is none", (host) => {
    const { success } = safeParse(portDefinitions, [{ container: 80, host }]);
    expect(success).toBe(false);
  });
});

describe("a free port", () => {
  const ofFamilies = [
    { container: 80, host: 32_797, protocol: "tcp" as const, ip: "::" },
    { container: 80, host: 32_798, protocol: "tcp" as const, ip: "0.0.0.0" },
  ];

  test.each([[ofFamilies], [ofFamilies.toReversed()]])(
    "is kept for each family where the Engine has chosen two: %j",
    (ports) => {
      const first = startOf(plan(web([free])).steps, "web-one");
      const found = observed({ instances: [started(first, { ports })] });
      const again = plan(web([free]), { observed: found, recreate: true });
      const { spec } = startOf(again.steps, "web-one");
      expect(createOptions(spec).HostConfig?.PortBindings).toEqual({
        "80/tcp": [
          { HostIp: "0.0.0.0", HostPort: "32798" },
          { HostIp: "::", HostPort: "32797" },
        ],
      });
      expect(plan(web([free]), { observed: found }).steps).toEqual([]);
    },
  );

  test("is the Engine's choice, and taken by nobody", () => {
    const { steps } = plan(web([free]));
    const { spec } = startOf(steps, "web-one");
    expect(createOptions(spec).HostConfig?.PortBindings).toEqual({
      "80/tcp": [{ HostIp: "", HostPort: "" }],
    });
    expect(publishedPorts(steps)).toEqual(new Set());
    const two = projectOf(
      ["one", "two"].map((instance) => ({ service: "web", instance, ports: [free] })),
    );
    expect(() => plan(two)).not.toThrow();
  });

  test("stays when the container is replaced, and is no change", () => {
    const own = [free, { ...free, host: 8081 }];
    const before = startOf(plan(web(own)).steps, "web-one");
    const ports: ObservedInstance["ports"] = [
      { container: 80, host: 8080, protocol: "tcp", ip: "::1" },
      { container: 80, host: 8081, protocol: "tcp", ip: "0.0.0.0" },
      { container: 80, host: 49_153, protocol: "tcp", ip: "0.0.0.0" },
    ];
    const existing = started(before, { ports });
    const seen = observed({ images: ["shop/web"], instances: [existing] });
    expect(plan(web(own), { observed: seen }).starts).toEqual([]);
    const again = startOf(plan(web(own), { observed: seen, recreate: true }).steps, "web-one");
    expect(createOptions(again.spec).HostConfig?.PortBindings).toEqual({
      "80/tcp": [
        { HostIp: "", HostPort: "49153" },
        { HostIp: "", HostPort: "8081" },
      ],
    });
    expect(started(again).definition).toBe(started(before).definition);
  });
});

describe("addresses of IPv6", () => {
  const planOn = (ip: string) =>
    plan(web([{ ...free, host: 8080, ip }]), {
      hostAddresses: [
        { name: "eth0", address: "192.168.1.2" },
        { name: "eth0", address: "fd00::7" },
      ],
    });

  test.each(["::1", "fd00::7", "fd00:0:0::7", "::"])("%s can be published on", (ip) => {
    expect(() => planOn(ip)).not.toThrow();
  });

  test("another host's cannot", () => {
    expect(() => planOn("fd00::8")).toThrow("ports cannot be published on fd00::8");
  });

  const pairs: [string, string, boolean][] = [
    ["::1", "::1", true],
    ["::1", "0:0::1", true],
    ["::1", "127.0.0.1", false],
    ["::1", "0.0.0.0", false],
    ["::1", "::", true],
    ["::1", "", true],
    ["127.0.0.1", "::", true],
    ["fd00::7", "::1", false],
  ];
  test.each(pairs)("%j beside %j collides: %p", (ip, other, expected) => {
    const [one, two] = [ip, other].map((address) => ({
      host: 80,
      protocol: "tcp" as const,
      ip: address,
    }));
    expect(one && two && collide(one, two)).toBe(expected);
    expect(one && two && collide(two, one)).toBe(expected);
  });
});

describe("the hint for a taken port fits where it is defined", () => {
  const script = "/home/me/shop/reyns.ts";
  const taken = (definition: Partial<InstanceDefinition>, ports?: InstanceDefinition["ports"]) => {
    const project = projectOf([{ service: "web", at: { file: script, line: 3 }, ...definition }], {
      services: [{ name: "web", ports: ports ?? [] }],
    });
    const listeners = [8080, 2222].map((host) => ({
      ip: "::",
      host,
      protocol: "tcp" as const,
      owner: () => "nginx (pid 812)",
    }));
    const holders = { project, publishers: [], listeners, locate: () => undefined };
    const [error] = portConflictErrors(plan(project).steps, holders);
    return { hint: error?.hint, at: error?.at };
  };
  const published = { container: 80, host: 8080, protocol: "tcp" } as const;

  test("in reyns.ts, with its place", () => {
    expect(taken({ ports: [published] })).toEqual({
      hint: "stop it, or publish another port: change ports in reyns.ts",
      at: { file: script, line: 3, path: ["ports"] },
    });
    expect(taken({ publishSshOn: 2222 }).hint).toEndWith("change publishSshOn in reyns.ts");
    expect(taken({ extraArgs: "-p 8080:80" }).hint).toEndWith("change extraArgs in reyns.ts");
  });

  test("in a .conf", () => {
    const at = { file: "/home/me/shop/default.conf", line: 1 };
    expect(taken({ publishSshOn: 2222, at }).hint).toEndWith(
      "change publish_ssh_on in default.conf",
    );
  });

  test("in a Dockerfile", () => {
    const properties = { publishPorts: true };
    expect(taken({ properties }, [published])).toEqual({
      hint: "stop it, or publish another port: # reyns: expose 80 as PORT in its Dockerfile",
      at: undefined,
    });
  });
});

test("ps shows ports on IPv6 addresses, and once those on all addresses", () => {
  const tcp = (container: number, host: number | undefined, ip: string) => ({
    container,
    host,
    protocol: "tcp",
    ip,
  });
  const ports = [
    tcp(80, 8080, "0.0.0.0"),
    tcp(80, 8080, "::"),
    tcp(81, 8081, "::1"),
    tcp(82, 82, "::"),
    tcp(83, undefined, ""),
  ];
  expect(formatPorts({ ports })).toBe("8080->80/tcp, [::1]:8081->81/tcp, [::]:82/tcp");
});
