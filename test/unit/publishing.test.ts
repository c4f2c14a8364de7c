import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { PublishedPort } from "../../src/model/container-spec.ts";
import { parseSocketTable } from "../../src/runtime/host/listening-ports.ts";
import { type ReynsError, ReynsErrors } from "../../src/errors.ts";
import { privateRanges } from "../../src/plan/checks/ports.ts";
import { portConflictErrors } from "../../src/plan/checks/taken-ports.ts";
import type { InstanceDefinition } from "../../src/model/project.ts";
import { plan, projectOf, started, startOf } from "./support/planning.ts";
import type { ListeningSocket } from "../../src/model/ports.ts";

const hostAddresses = [
  { name: "lo", address: "127.0.0.1" },
  { name: "eth0", address: "192.168.1.2" },
  { name: "eth1", address: "93.184.216.34" },
];

/** Messages and hints of what planning throws. */
function mistakes(planning: () => unknown): string[] {
  try {
    planning();
    return [];
  } catch (error) {
    const errors = error instanceof ReynsErrors ? error.errors : [error as ReynsError];
    return errors.map(({ message, hint }) => `${message}\n${hint}`);
  }
}

const dnsProject = (given: Partial<InstanceDefinition> = {}) =>
  projectOf([
    { service: "reyns-dns", instance: "main", properties: { publishPorts: true }, ...given },
  ]);

const planDns = (caller: Record<string, string>, given?: Partial<InstanceDefinition>, more = {}) =>
  plan(dnsProject(given), {
    sources: { caller, hostConf: {}, interfaces: {} },
    hostAddresses,
    ...more,
  });

describe("a published DNS", () => {
  test("is published by TCP and UDP, on its address alone", () => {
    const { steps } = planDns({ SERVICE_IP: "192.168.1.2" });
    const port = { container: 53, host: 53, ip: "192.168.1.2" };
    expect(startOf(steps, "reyns-dns-main").spec.ports).toEqual([
      { ...port, protocol: "udp" },
      { ...port, protocol: "tcp" },
    ]);
  });

  test.each([
    "127.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.1",
    "192.168.1.2",
    "100.64.0.1",
    "169.254.1.1",
    "192.0.2.2",
    "198.51.100.7",
    "203.0.113.9",
    "198.19.0.1",
  ])("on the private %s is fine", (SERVICE_IP) => {
    expect(mistakes(() => planDns({ SERVICE_IP }, {}, { hostAddresses: undefined }))).toEqual([]);
  });

  test.each(["93.184.216.34", "172.32.0.1", "100.128.0.1", "11.0.0.1", "224.0.0.1"])(
    "on the public %s is refused",
    (SERVICE_IP) => {
      const [text] = mistakes(() => planDns({ SERVICE_IP }, {}, { hostAddresses: undefined }));
      expect(text).toStartWith(`reyns-dns-main: ${SERVICE_IP} is a public address`);
      expect(text).toContain("allow_public=true");
    },
  );

  test("on a public address with a private one in front is refused, and the other way round", () => {
    const [here, there] = ["192.168.1.2", "93.184.216.34"];
    const both = [
      { SERVICE_IP: there, PUBLISH_ON_IP: here },
      { SERVICE_IP: here, PUBLISH_ON_IP: there },
    ];
    for (const caller of both)
      expect(mistakes(() => planDns(caller))[0]).toContain(`${there} is a public address`);
  });

  test("is let through by the call, the environment or host.conf", () => {
    const SERVICE_IP = "93.184.216.34";
    const hostConf = { ALLOW_PUBLIC: "true" };
    expect(mistakes(() => planDns({ SERVICE_IP }, {}, { allowPublic: true }))).toEqual([]);
    expect(mistakes(() => planDns({ SERVICE_IP, ALLOW_PUBLIC: "True" }))).toEqual([]);
    const sources = { caller: { SERVICE_IP }, hostConf, interfaces: {} };
    expect(mistakes(() => planDns({}, {}, { sources }))).toEqual([]);
    expect(mistakes(() => planDns({ SERVICE_IP, ALLOW_PUBLIC: "no" }))).toHaveLength(1);
  });

  test("on every address is refused, however it is asked for", () => {
    const only = /^reyns-dns-main: a DNS is published on one address only\nset SERVICE_IP/;
    const ports = [{ container: 53, host: 53, protocol: "udp" }] as const;
    const wild = { properties: { publishPorts: false }, ports };
    expect(mistakes(() => planDns({}, wild))).toEqual([expect.stringMatching(only)]);
    expect(mistakes(() => planDns({ SERVICE_IP: "0.0.0.0" }))).toEqual([
      expect.stringMatching(only),
    ]);
    const extraArgs = "-p 53:53/udp";
    expect(mistakes(() => planDns({ SERVICE_IP: "192.168.1.2" }, { extraArgs }))).toEqual([
      expect.stringMatching(only),
    ]);
  });

  test("may be public where it is not published", () => {
    const unpublished = { properties: { publishPorts: false } };
    expect(mistakes(() => planDns({ SERVICE_IP: "93.184.216.34" }, unpublished))).toEqual([]);
  });
});

test("what is private is what the DNS itself takes for it", async () => {
  const file = join(import.meta.dir, "../../images/dns/files/usr/lib/reyns/bind-config.sh");
  const list = /acl private \{\s*([^}]*?)\s*\}/.exec(await Bun.file(file).text())?.[1] ?? "";
  const ranges = list.split(";").flatMap((text) => text.trim() || []);
  const padded = ranges.map((range) => {
    const [address = "", bits] = range.split("/");
    return `${[...address.split("."), "0", "0", "0"].slice(0, 4).join(".")}/${bits}`;
  });
  expect(padded).toEqual(privateRanges);
});

const port = { container: 80, host: 8080, protocol: "tcp" } as const;
const web = (instance: string, given: Partial<InstanceDefinition> = {}) => ({
  service: "web",
  instance,
  ports: [port],
  ...given,
});

describe("the address that ports are published on", () => {
  const planWeb = (caller: Record<string, string>, ports = [port]) =>
    plan(projectOf([web("one", { ports })]), {
      sources: { caller, hostConf: {}, interfaces: {} },
      hostAddresses,
    });

  test("has to be one of this host; they are listed, with what to do behind NAT", () => {
    expect(mistakes(() => planWeb({ SERVICE_IP: "192.168.1.9" }))).toEqual([
      "web-one: ports cannot be published on 192.168.1.9, which is no address of this host\n" +
        "there are: 127.0.0.1 (lo), 192.168.1.2 (eth0), 93.184.216.34 (eth1)\n" +
        "behind NAT keep SERVICE_IP, and set PUBLISH_ON_IP to one of these",
    ]);
  });

  test.each([
    [{ SERVICE_IP: "192.168.1.2" }],
    [{ SERVICE_IP: "127.0.0.9" }],
    [{}],
    [{ SERVICE_IP: "192.168.1.9", PUBLISH_ON_IP: "192.168.1.2" }],
    [{ PUBLISH_ON_IP: "0.0.0.0" }],
  ])("%j will do", (caller) => {
    expect(mistakes(() => planWeb(caller))).toEqual([]);
  });

  test("of an Engine elsewhere is not known here", () => {
    const sources = { caller: { SERVICE_IP: "192.168.1.9" }, hostConf: {}, interfaces: {} };
    const project = projectOf([web("one")]);
    expect(mistakes(() => plan(project, { sources, hostAddresses: undefined }))).toEqual([]);
  });

  test("is told to a DNS with a warning when it is not this host's", () => {
    const caller = { SERVICE_IP: "192.168.1.9", DNS_SERVICE_IP: "192.168.1.1" };
    expect(planWeb(caller, []).warnings).toEqual([
      "web-one: SERVICE_IP, 192.168.1.9, is no address of this host; something has to lead here",
    ]);
    const DNS_SERVICE_IP = "192.168.1.1";
    expect(planWeb({ SERVICE_IP: "192.168.1.2", DNS_SERVICE_IP }, []).warnings).toEqual([]);
  });
});

describe("two instances of one plan", () => {
  test("cannot publish the same port of the same address", () => {
    const project = projectOf([web("one"), web("two"), web("three", { ports: [] })]);
    expect(mistakes(() => plan(project))).toEqual([
      "web-one and web-two both publish port 8080/tcp\n" +
        "give one of them another port, or another SERVICE_IP",
    ]);
  });

  test.each<[string, Partial<InstanceDefinition>]>([
    ["another port", { ports: [{ ...port, host: 8081 }] }],
    ["another protocol", { ports: [{ ...port, protocol: "udp" }] }],
  ])("may differ by %s", (_, given) => {
    expect(mistakes(() => plan(projectOf([web("one"), web("two", given)])))).toEqual([]);
  });

  test("may differ by the address", () => {
    const env = (text: string) => ({ SERVICE_IP: { kind: "text", text } as const });
    const [one, two] = [{ env: env("127.0.0.1") }, { env: env("127.0.0.2") }];
    const project = projectOf([web("one", one), web("two", two)]);
    expect(mistakes(() => plan(project))).toEqual([]);
  });
});

describe("a port of the host", () => {
  const project = projectOf([web("one", { ports: [port, { ...port, protocol: "udp" }] })]);
  const { steps } = plan(project);
  const listener = (given: Partial<ListeningSocket>): ListeningSocket => ({
    ip: "0.0.0.0",
    host: 8080,
    protocol: "tcp",
    owner: () => "nginx (pid 812)",
    ...given,
  });
  const published = (given: Partial<PublishedPort>) => ({
    container: 1,
    host: 8080,
    protocol: "tcp",
    ip: "0.0.0.0",
    ...given,
  });
  const holder = started(startOf(steps, "web-one"), {
    ports: [published({}), published({ ip: "::" })],
  });
  const taken = (
    holders: Partial<Parameters<typeof portConflictErrors>[1]>,
    of = steps,
  ): string[] =>
    portConflictErrors(of, {
      project,
      publishers: [],
      listeners: [],
      locate: () => undefined,
      ...holders,
    }).map(({ message, hint }) => `${message}\n${hint}`);

  test("is free", () => {
    expect(taken({})).toEqual([]);
    expect(taken({ listeners: [listener({ host: 80 })] })).toEqual([]);
  });

  test("is another instance's", () => {
    const two = { ...holder, id: "2", host: "web-two", instance: "two" };
    expect(taken({ publishers: [two] })).toEqual([
      expect.stringMatching(
        /^web-one: port 8080\/tcp is taken by web-two\nstop it: reyns stop web two/,
      ),
    ]);
  });

  test("is another project's", () => {
    const publishers = [{ ...holder, project: "blog", origin: "/srv/blog" }];
    const [text] = taken({ publishers });
    expect(text).toContain("by web-one of the project blog in /srv/blog\nstop it there");
    const [moved] = taken({ publishers, locate: () => "/srv/new" });
    expect(moved).toContain("by web-one of the project blog in /srv/new\nstop it there");
  });

  test("is a stranger's container", () => {
    const stranger = { ...holder, project: "", folder: "", instance: "", containerName: "proxy" };
    expect(taken({ publishers: [stranger] })[0]).toContain("by the container proxy");
  });

  test("is a process's; by TCP and UDP it is one mistake", () => {
    const listeners = [listener({}), listener({ protocol: "udp" })];
    expect(taken({ listeners })).toEqual([
      expect.stringContaining("port 8080/tcp+udp is taken by nginx (pid 812)"),
    ]);
  });

  test("is a process's that this user may not look into", () => {
    expect(taken({ listeners: [listener({ owner: () => undefined })] })[0]).toContain(
      "by something on this host",
    );
  });

  test("becomes free when its container is run anew", () => {
    const of = [
      ...steps,
      {
        kind: "remove-instance",
        id: "remove",
        after: [],
        title: "web-one",
        reason: "test",
        host: "web-one",
        containerId: holder.id,
        temporaryVolume: undefined,
        deregister: undefined,
      } as const,
    ];
    expect(taken({ publishers: [holder], listeners: [listener({})] }, of)).toEqual([]);
  });

  test.each([
    ["127.0.0.1", "127.0.0.1", 1],
    ["127.0.0.1", "127.0.0.53", 0],
    ["127.0.0.1", "0.0.0.0", 1],
    ["127.0.0.1", "::", 1],
    ["", "127.0.0.53", 1],
  ])("on %j beside one on %j: %d mistake", (ip, other, count) => {
    const [only] = [startOf(steps, "web-one")];
    const own = { ...only, spec: { ...only.spec, ports: [{ ...port, ip }] } };
    expect(taken({ listeners: [listener({ ip: other })] }, [own])).toHaveLength(count);
  });

  test("53 is often a resolver's: what is in its way and what is not", () => {
    const { steps: own } = planDns({ SERVICE_IP: "192.168.1.2" });
    const dnsmasq = listener({ host: 53, protocol: "udp", owner: () => "dnsmasq (pid 7)" });
    const [text] = taken({ listeners: [dnsmasq] }, own);
    expect(text).toContain("port 53/udp on 192.168.1.2 is taken by dnsmasq (pid 7)");
    expect(text).toContain("listen-address=127.0.0.1 and bind-interfaces");
    const stub = { ...dnsmasq, ip: "127.0.0.53" };
    expect(taken({ listeners: [stub] }, own)).toEqual([]);
  });
});

test("sockets that wait, as the kernel lists them", () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31337 1 0000 100
   1: 0202000A:9C40 08080808:0050 01 00000000:00000000 00:00000000 00000000     0        0 31338 1 0000 100
   2: 00000000000000000000000000000000:0035 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31339 1
   3: 0000000000000000FFFF00000100007F:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31340 1
   4: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31342 1
   5: 000080FE00000000FF00FC00010000FE:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31341 1
`;
  expect(parseSocketTable(table, "0A")).toEqual([
    { ip: "127.0.0.1", host: 8080, inode: "31337" },
    { ip: "::", host: 53, inode: "31339" },
    { ip: "127.0.0.1", host: 80, inode: "31340" },
    { ip: "::1", host: 53, inode: "31342" },
    { ip: "fe80:0000:0000:0000:00fc:00ff:fe00:0001", host: 22, inode: "31341" },
  ]);
});
