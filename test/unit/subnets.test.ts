import { describe, expect, test } from "bun:test";
import ipaddr from "ipaddr.js";
import type { ReynsError } from "../../src/errors.ts";
import { chooseSubnet } from "../../src/plan/resolve/subnets.ts";
import { observed, plan, projectOf } from "./support/planning.ts";
import { thrownBy } from "./support/project-folder.ts";

describe("subnets", () => {
  const inside = (address: string, subnet: string): boolean =>
    ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(subnet));

  test("the same for the same project, another where it is taken, within 10.192.0.0/10", () => {
    const first = chooseSubnet("shop-1", []);
    expect(first).toEqual(chooseSubnet("shop-1", ["192.168.0.0/16", "fd00::/8", "nonsense", ""]));
    expect(inside(first.gateway, first.subnet)).toBe(true);
    expect(inside(first.ipRange.split("/")[0] ?? "", first.subnet)).toBe(true);
    expect(inside(first.subnet.split("/")[0] ?? "", "10.192.0.0/10")).toBe(true);
    expect(chooseSubnet("shop-2", []).subnet).not.toBe(first.subnet);
  });

  const overlaps = (subnet: string): string[] => {
    const start = subnet.split("/")[0] ?? "";
    return [
      subnet,
      `${start}/32`,
      `${start.replace(/0$/, "9")}/31`,
      `${start}/10`.replace(start, "10.192.0.0"),
    ];
  };
  test.each(overlaps(chooseSubnet("shop", []).subnet).slice(0, 3))("avoids %s", (taken) => {
    const other = chooseSubnet("shop", [taken]);
    expect(other.subnet).not.toBe(chooseSubnet("shop", []).subnet);
    expect(inside(taken.split("/")[0] ?? "", other.subnet)).toBe(false);
  });

  test("one after another, and a word when none is left", () => {
    const taken: string[] = [];
    for (let count = 0; count < 100; count += 1) taken.push(chooseSubnet("shop", taken).subnet);
    expect(new Set(taken).size).toBe(100);
    expect(() => chooseSubnet("shop", ["0.0.0.0/0"])).toThrow(
      "no subnet of 10.192.0.0/10, 172.16.0.0/12, 192.168.0.0/16 is free",
    );
  });

  test("another range where a route takes the first one, without what is taken there", () => {
    const { subnet, gateway, ipRange } = chooseSubnet("shop", ["10.0.0.0/8"]);
    for (const address of [subnet, ipRange].map((cidr) => cidr.split("/")[0] ?? ""))
      expect(inside(address, "172.16.0.0/12")).toBe(true);
    expect(inside(gateway, subnet)).toBe(true);
    expect(chooseSubnet("shop", ["10.0.0.0/8"]).subnet).toBe(subnet);
    const { subnet: last } = chooseSubnet("shop", ["10.0.0.0/8", "172.0.0.0/8", "192.168.0.0/17"]);
    expect(inside(last.split("/")[0] ?? "", "192.168.128.0/17")).toBe(true);
  });

  test("the range of NETWORK_POOL, and no other", () => {
    const { subnet } = chooseSubnet("shop", [], "10.64.0.0/16");
    expect(subnet).toEndWith("/20");
    expect(inside(subnet.split("/")[0] ?? "", "10.64.0.0/16")).toBe(true);
    expect(chooseSubnet("shop", [], "192.168.7.0/24")).toEqual({
      subnet: "192.168.7.0/24",
      gateway: "192.168.7.1",
      ipRange: "192.168.7.128/25",
    });
    const [error] = thrownBy(() =>
      chooseSubnet(
        "shop",
        ["10.64.1.0/24", "fd00::/8", "10.65.0.0/16", "10.64.0.0/12"],
        "10.64.0.0/20",
      ),
    );
    const { message, hint = "" } = error as ReynsError;
    expect(message).toEndWith("Docker networks: 10.64.0.0/12, 10.64.1.0/24");
    expect(hint).toContain("NETWORK_POOL=");
    expect(hint).not.toContain("prune");
  });

  test.each(["10.64.0.0", "10.64.0.0/25", "fd00::/8", "x"])(
    "NETWORK_POOL=%s is rejected",
    (pool) => {
      expect(() => chooseSubnet("shop", [], pool)).toThrow(`NETWORK_POOL is "${pool}"`);
    },
  );

  test("NETWORK_POOL is the caller's, else that of host.conf", () => {
    const subnetWith = (caller: object, hostConf: object): string => {
      const sources = { caller: { ...caller }, hostConf: { ...hostConf }, interfaces: {} };
      const seen = observed({ images: ["shop/web"], subnet: undefined });
      const { steps } = plan(projectOf([{ service: "web" }]), { sources, observed: seen });
      const network = steps.find((step) => step.kind === "create-network");
      return network?.pools[0]?.subnet ?? "";
    };
    const [here, there] = [{ NETWORK_POOL: "10.1.2.0/24" }, { NETWORK_POOL: "10.3.4.0/24" }];
    expect(subnetWith(here, there)).toBe("10.1.2.0/24");
    expect(subnetWith({ NETWORK_POOL: "" }, there)).toBe("10.3.4.0/24");
    expect(subnetWith({}, {})).toEndWith("/20");
  });
});
