import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { privateRanges } from "../../src/plan/checks/ports.ts";
import type { InstanceDefinition } from "../../src/model/project.ts";
import { plan, projectOf, startOf } from "./support/planning.ts";
import {
  hostAddresses,
  planMistakes,
  planDns,
  publishedPort,
  publishedWeb,
} from "./support/publishing.ts";

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
    expect(planMistakes(() => planDns({ SERVICE_IP }, {}, { hostAddresses: undefined }))).toEqual(
      [],
    );
  });

  test.each(["93.184.216.34", "172.32.0.1", "100.128.0.1", "11.0.0.1", "224.0.0.1"])(
    "on the public %s is refused",
    (SERVICE_IP) => {
      const [text] = planMistakes(() => planDns({ SERVICE_IP }, {}, { hostAddresses: undefined }));
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
      expect(planMistakes(() => planDns(caller))[0]).toContain(`${there} is a public address`);
  });

  test("is let through by the call, the environment or host.conf", () => {
    const SERVICE_IP = "93.184.216.34";
    const hostConf = { ALLOW_PUBLIC: "true" };
    expect(planMistakes(() => planDns({ SERVICE_IP }, {}, { allowPublic: true }))).toEqual([]);
    expect(planMistakes(() => planDns({ SERVICE_IP, ALLOW_PUBLIC: "True" }))).toEqual([]);
    const sources = { caller: { SERVICE_IP }, hostConf, interfaces: {} };
    expect(planMistakes(() => planDns({}, {}, { sources }))).toEqual([]);
    expect(planMistakes(() => planDns({ SERVICE_IP, ALLOW_PUBLIC: "no" }))).toHaveLength(1);
  });

  test("on every address is refused, however it is asked for", () => {
    const only = /^reyns-dns-main: a DNS is published on one address only\nset SERVICE_IP/;
    const ports = [{ container: 53, host: 53, protocol: "udp" }] as const;
    const wild = { properties: { publishPorts: false }, ports };
    expect(planMistakes(() => planDns({}, wild))).toEqual([expect.stringMatching(only)]);
    expect(planMistakes(() => planDns({ SERVICE_IP: "0.0.0.0" }))).toEqual([
      expect.stringMatching(only),
    ]);
    const extraArgs = "-p 53:53/udp";
    expect(planMistakes(() => planDns({ SERVICE_IP: "192.168.1.2" }, { extraArgs }))).toEqual([
      expect.stringMatching(only),
    ]);
  });

  test("may be public where it is not published", () => {
    const unpublished = { properties: { publishPorts: false } };
    expect(planMistakes(() => planDns({ SERVICE_IP: "93.184.216.34" }, unpublished))).toEqual([]);
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

describe("the address that ports are published on", () => {
  const planWeb = (caller: Record<string, string>, ports = [publishedPort]) =>
    plan(projectOf([publishedWeb("one", { ports })]), {
      sources: { caller, hostConf: {}, interfaces: {} },
      hostAddresses,
    });

  test("has to be one of this host; they are listed, with what to do behind NAT", () => {
    expect(planMistakes(() => planWeb({ SERVICE_IP: "192.168.1.9" }))).toEqual([
      "web-one: ports cannot be published on 192.168.1.9, which is no address of its machine\n" +
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
    expect(planMistakes(() => planWeb(caller))).toEqual([]);
  });

  test("of an Engine elsewhere is not known here", () => {
    const sources = { caller: { SERVICE_IP: "192.168.1.9" }, hostConf: {}, interfaces: {} };
    const project = projectOf([publishedWeb("one")]);
    expect(planMistakes(() => plan(project, { sources, hostAddresses: undefined }))).toEqual([]);
  });

  test("is told to a DNS with a warning when it is not this host's", () => {
    const caller = { SERVICE_IP: "192.168.1.9", DNS_SERVICE_IP: "192.168.1.1" };
    expect(planWeb(caller, []).warnings).toEqual([
      "web-one: SERVICE_IP, 192.168.1.9, is no address of its machine; something has to lead there",
    ]);
    const DNS_SERVICE_IP = "192.168.1.1";
    expect(planWeb({ SERVICE_IP: "192.168.1.2", DNS_SERVICE_IP }, []).warnings).toEqual([]);
  });
});

test("one instance publishes a port twice", () => {
  const ports = [publishedPort, { ...publishedPort, container: 81 }];
  const mistakes = [
    "web-one publishes port 8080/tcp twice\ngive one of them another host port, or remove it",
  ];
  expect(planMistakes(() => plan(projectOf([publishedWeb("one", { ports })])))).toEqual(mistakes);
  const extraArgs = "-p 127.0.0.1:8080:90";
  expect(planMistakes(() => plan(projectOf([publishedWeb("one", { extraArgs })])))).toEqual([
    expect.stringContaining("publishes port 8080/tcp"),
  ]);
});

describe("two instances of one plan", () => {
  test("cannot publish the same port of the same address", () => {
    const project = projectOf([
      publishedWeb("one"),
      publishedWeb("two"),
      publishedWeb("three", { ports: [] }),
    ]);
    expect(planMistakes(() => plan(project))).toEqual([
      "web-one and web-two both publish port 8080/tcp\n" +
        "give one of them another port, or another SERVICE_IP",
    ]);
  });

  test.each<[string, Partial<InstanceDefinition>]>([
    ["another port", { ports: [{ ...publishedPort, host: 8081 }] }],
    ["another protocol", { ports: [{ ...publishedPort, protocol: "udp" }] }],
  ])("may differ by %s", (_, given) => {
    expect(
      planMistakes(() => plan(projectOf([publishedWeb("one"), publishedWeb("two", given)]))),
    ).toEqual([]);
  });

  test("may differ by the address", () => {
    const env = (text: string) => ({ SERVICE_IP: { kind: "text", text } as const });
    const [one, two] = [{ env: env("127.0.0.1") }, { env: env("127.0.0.2") }];
    const project = projectOf([publishedWeb("one", one), publishedWeb("two", two)]);
    expect(planMistakes(() => plan(project))).toEqual([]);
  });
});
