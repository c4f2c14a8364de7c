import { describe, expect, test } from "bun:test";
import { defaultDnsSettings } from "../../src/model/dns-settings.ts";
import { checkInstances } from "../../src/project/validate.ts";
import { overridable } from "../../src/model/env-value.ts";
import type { EnvValue } from "../../src/model/project.ts";
import { observed, plan, projectOf, startOf, started, startsOf } from "./support/planning.ts";

const env = (texts: Record<string, string>): Record<string, EnvValue> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, { kind: "text", text }]));
const dns = (texts: Record<string, string> = {}) => ({
  service: "reyns-dns",
  instance: "main",
  env: env(texts),
});
const own = { DNS_ZONE: "shop.internal", DNS_TTL: "7", DNS_LEASE: "2.6", DNS_RENEW: "1" };

describe("the settings of the DNS", () => {
  test("are those of every instance that registers with it, and go into its environment", () => {
    const { steps } = plan(projectOf([dns(own), { service: "web" }]));
    const web = startOf(steps, "web-one");
    expect(web.register).toMatchObject({ zone: "shop.internal", ttl: 7, lease: 2.6, renew: 1 });
    expect(web.spec.env).toMatchObject(own);
    expect(web.spec.env).toMatchObject({
      DNS_UPDATE_POLICY: "REPLACE",
      DNS_SERVICE_IP: web.register?.server ?? "",
    });
    expect(web.spec.dns?.search).toEqual(["shop.internal"]);
    expect(web.spec.network?.aliases).toContain("web-one.shop.internal");
    const server = startOf(steps, "reyns-dns-main");
    expect(server.ready).toMatchObject({ kind: "dns", zone: "shop.internal" });
    expect(server.spec.env).toMatchObject(own);
  });

  test("by default only the zone is told", () => {
    const { register, spec } = startOf(
      plan(projectOf([dns(), { service: "web" }])).steps,
      "web-one",
    );
    expect(register).toMatchObject(defaultDnsSettings);
    const names = Object.keys(spec.env).filter((name) => name.startsWith("DNS_"));
    expect(names.toSorted()).toEqual(["DNS_SERVICE_IP", "DNS_UPDATE_POLICY", "DNS_ZONE"]);
  });

  test("the caller and host.conf override the values of a conf", () => {
    const sources = {
      caller: { DNS_TTL: "9" },
      hostConf: { DNS_ZONE: "host.zone" },
      interfaces: {},
    };
    const values = Object.entries(own).map(([name, value]) => [name, overridable(name, value)]);
    const server = { ...dns(), env: Object.fromEntries(values) as Record<string, EnvValue> };
    const { steps } = plan(projectOf([server, { service: "web" }]), { sources });
    for (const { register } of startsOf(steps))
      expect(register).toMatchObject({ zone: "host.zone", ttl: 9, lease: 2.6 });
  });

  test("what an instance itself is told comes first, for it alone", () => {
    const web = { service: "web", env: env({ DNS_TTL: "9" }) };
    const { steps } = plan(projectOf([dns(own), web, { service: "app" }]));
    expect(startOf(steps, "web-one").register).toMatchObject({ zone: "shop.internal", ttl: 9 });
    expect(startOf(steps, "app-one").register).toMatchObject({ ttl: 7 });
  });

  test("of a DNS on another node: as the conf defines it", () => {
    const sources = { caller: {}, hostConf: { DNS_SERVICE_IP: "192.168.1.1" }, interfaces: {} };
    const project = projectOf([
      { ...dns(own), group: "master" },
      { service: "web", group: "node1" },
    ]);
    const { steps } = plan(project, { sources, group: "node1" });
    expect(startOf(steps, "web-one").register).toMatchObject({
      server: "192.168.1.1",
      zone: "shop.internal",
    });
  });

  test("of a DNS that runs: as it runs, whatever its definition says by now", () => {
    const first = plan(projectOf([dns({ DNS_ZONE: "old.zone" })]));
    const running = started(startOf(first.steps, "reyns-dns-main"), { isDns: true });
    const later = plan(projectOf([dns({ DNS_ZONE: "new.zone" }), { service: "web" }]), {
      observed: observed({ images: ["shop/web"], instances: [running] }),
      keep: true,
    });
    expect(startOf(later.steps, "web-one").register?.zone).toBe("old.zone");
    expect(later.unchanged[0]?.changes).toContain("env DNS_ZONE");
  });

  test("a DNS is its own, whatever DNS this node uses", () => {
    const sources = { caller: { DNS_SERVICE_IP: "192.168.1.1" }, hostConf: {}, interfaces: {} };
    const server = startOf(plan(projectOf([dns()]), { sources }).steps, "reyns-dns-main");
    expect(server.spec.env["DNS_SERVICE_IP"]).toBe(server.address);
  });

  test("in the host's own network an instance is told its address", () => {
    const project = projectOf([dns(), { service: "web", properties: { nethost: true } }]);
    const web = startOf(plan(project).steps, "web-one");
    expect(web.spec.env["REYNS_ADDRESS"]).toBe(web.register?.address ?? "");
  });
});

describe("one that is hidden from now on", () => {
  const project = (policy: string) =>
    projectOf([dns(), { service: "web", env: env({ DNS_UPDATE_POLICY: policy }) }]);

  test("is taken out of the DNS that knew it", () => {
    const before = startOf(plan(project("APPEND")).steps, "web-one");
    const instances = [started(before, { state: "exited" })];
    const again = plan(project("HIDE"), {
      observed: observed({ images: ["shop/web"], instances }),
    });
    expect(startOf(again.steps, "web-one").register).toMatchObject({ policy: "HIDE" });
  });
});

describe("settings that make no sense", () => {
  const mistakes = (texts: Record<string, string>) => {
    const { conf, services } = projectOf([dns(texts)]);
    return checkInstances(conf, services).map(({ message, hint, at }) => ({ message, hint, at }));
  };
  const wrong: [string, string, RegExp][] = [
    ["DNS_ZONE", "shop_internal", /a domain name/],
    ["DNS_ZONE", "Shop.Internal", /a domain name/],
    ["DNS_ZONE", "", /a domain name/],
    ["DNS_ZONE", "a..b", /a domain name/],
    ["DNS_ZONE", "10.in-addr.arpa", /a domain name/],
    ["DNS_ZONE", `${"x".repeat(60)}.`.repeat(3) + "zone", /a domain name/],
    ["DNS_TTL", "5.5", /a whole number of seconds/],
    ["DNS_TTL", "soon", /a whole number of seconds/],
    ["DNS_LEASE", "0", /seconds from 0.1/],
    ["DNS_RENEW", "-1", /seconds from 0.05/],
    ["DNS_RENEW", "1e3", /seconds from 0.05/],
  ];
  test.each(wrong)("%s=%s", (name, text, hint) => {
    expect(mistakes({ [name]: text })).toEqual([
      {
        message: `reyns-dns-main: ${name} is "${text}"`,
        hint: expect.stringMatching(hint) as string,
        at: {
          file: "/home/me/shop/reyns.ts",
          line: 1,
          column: 1,
          path: [name.replace("DNS_", "").toLowerCase()],
        },
      },
    ]);
  });

  test("a lease that ends between two renewals, also with one of them left out", () => {
    for (const texts of [
      { DNS_LEASE: "4", DNS_RENEW: "3" },
      { DNS_LEASE: "4" },
      { DNS_RENEW: "9" },
    ])
      expect(mistakes(texts as Record<string, string>)).toMatchObject([
        { message: expect.stringContaining("between two renewals") as string },
      ]);
    expect(mistakes({ DNS_LEASE: "0.6", DNS_RENEW: "0.15" })).toEqual([]);
  });

  test("from host.conf: an error of the run, all at once", () => {
    const sources = { caller: {}, hostConf: { DNS_ZONE: "_", DNS_TTL: "x" }, interfaces: {} };
    expect(() => plan(projectOf([dns()]), { sources })).toThrow(
      /DNS_ZONE is "_"\n.*DNS_TTL is "x"/,
    );
  });
});
