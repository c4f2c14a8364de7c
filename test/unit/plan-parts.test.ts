import { describe, expect, test } from "bun:test";
import { chooseAddress } from "../../src/plan/resolve/addresses.ts";
import { findCycle } from "../../src/lib/graph.ts";
import { currentImageName, tagged } from "../../src/plan/resolve/images.ts";
import { instanceTypeOf, propertiesOf } from "../../src/plan/select/instance-types.ts";
import { originFilter } from "../../src/model/labels.ts";
import { matches } from "../../src/plan/select/match.ts";
import {
  containerNameOf,
  randomInstanceName,
  scopeOf,
  volumeNameOf,
} from "../../src/model/resource-names.ts";
import { instanceTypes } from "../../src/model/instance-types.ts";
import type { Properties } from "../../src/model/properties.ts";

describe("instance types", () => {
  const yes: Record<keyof Properties, string[]> = {
    linked: ["standard", "published", "persistent", "master"],
    publishPorts: ["published", "master"],
    persistentData: ["persistent", "master"],
    persistentOpt: [],
    persistentLog: ["persistent", "master"],
    persistentHome: ["persistent"],
    persistentShared: [],
    safePersistency: [],
    nethost: [],
    interactive: ["debug"],
    safemode: ["debug"],
  };
  test.each(Object.entries(yes))("%s: %j", (property, types) => {
    for (const type of instanceTypes)
      expect([type, propertiesOf(type, {}, {})[property as keyof Properties]]).toEqual([
        type,
        types.includes(type),
      ]);
  });

  test("the call's word, else the conf's, else the instance's name, else standard", () => {
    expect(instanceTypeOf("debug", "master", "published")).toBe("debug");
    expect(instanceTypeOf(undefined, "master", "published")).toBe("master");
    expect(instanceTypes.map((type) => instanceTypeOf(undefined, undefined, type))).toEqual([
      ...instanceTypes,
    ]);
    expect(instanceTypeOf(undefined, undefined, "one")).toBe("standard");
    const conf = { linked: false, persistentOpt: true };
    expect(
      propertiesOf("master", conf, { persistentOpt: false, publishPorts: false }),
    ).toMatchObject({
      linked: false,
      persistentOpt: false,
      publishPorts: false,
      persistentData: true,
    });
  });
});

describe("addresses", () => {
  const subnet = "10.200.16.0/20";
  test("stable, unique, below the Engine's half; a DNS among the first", () => {
    const taken = new Set<string>();
    const hosts = Array.from({ length: 2000 }, (_, index) => `web-${index}`);
    const addresses = hosts.map((host) => chooseAddress(subnet, host, false, taken));
    expect(new Set(addresses).size).toBe(2000);
    expect(taken).toEqual(new Set(addresses));
    const numbers = addresses.map((address) => address.split(".").map(Number));
    for (const [a, b, c = 0, d = 0] of numbers) {
      expect([a, b]).toEqual([10, 200]);
      expect((c - 16) * 256 + d).toBeWithin(32, 2048);
    }
    expect(chooseAddress(subnet, "web-7", false, new Set())).toBe(
      chooseAddress(subnet, "web-7", false, new Set()),
    );
    expect(chooseAddress(subnet, "reyns-dns-a", true, new Set())).toBe("10.200.16.2");
    expect(chooseAddress(subnet, "reyns-dns-b", true, new Set(["10.200.16.2"]))).toBe(
      "10.200.16.3",
    );
  });

  test.each([
    ["10.0.0.0/24", 96],
    ["10.0.0.0/28", 0],
    ["10.0.0.0/30", 0],
  ])("a small network %s holds %d", (small, count) => {
    const taken = new Set<string>();
    const next = (): string => chooseAddress(small, `x-${taken.size}`, false, taken);
    for (let index = 0; index < count; index += 1) next();
    expect(taken.size).toBe(count);
    expect(next).toThrow("has no free address for x-");
  });
});

describe("patterns", () => {
  const cases: [string, string, boolean][] = [
    ["demo", "demo", true],
    ["demo", "demo2", false],
    ["demo*", "demo2", true],
    ["demo*", "demo", true],
    ["*", "", true],
    ["*mo", "demo", true],
    ["d*o", "demo", true],
    ["d*mo*", "demo", true],
    ["*a*b*", "xbxa", false],
    ["ab*ba", "aba", false],
    ["a*a", "a", false],
    ["a**b", "ab", true],
    ["d.m*", "demo", false],
    ["[*", "[x", true],
    ["de(*", "demo", false],
  ];
  test.each(cases)("%s, %s: %p", (pattern, name, expected) =>
    expect(matches(pattern, name)).toBe(expected),
  );

  test("a pattern with thousands of stars does not backtrack", () => {
    // Where each star is tried at every place, this does not end.
    expect(matches(`${"*a".repeat(5000)}b`, "a".repeat(100_000))).toBe(false);
  });
});

describe("names on the Engine", () => {
  const project = { name: "shop", origin: "/a/shop" };
  test("tell projects of the same name apart by where they began", () => {
    expect(scopeOf(project)).toMatch(/^shop-[0-9a-f]{6}$/);
    expect(scopeOf({ ...project, origin: "/b/shop" })).not.toBe(scopeOf(project));
    expect(containerNameOf(project, "web-one")).toBe(`${scopeOf(project)}-web-one`);
    expect(volumeNameOf(project, "data")).toBe(`${scopeOf(project)}-data`);
    expect(originFilter("/a/shop")).toBe("io.reyns.folder=/a/shop");
  });

  test("random instance names are host names of eight characters", () => {
    const names = Array.from({ length: 1000 }, () => randomInstanceName());
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9]{7}$/);
    expect(new Set(names).size).toBe(1000);
    expect([() => 0, () => 0.999999].map(randomInstanceName)).toEqual(["aaaaaaaa", "z9999999"]);
  });
});

describe("image names", () => {
  test.each([
    ["reyns/reyns-base-ubuntu14.04", "reyns/reyns-base"],
    ["reyns/reyns-base-ubuntu18.04", "reyns/reyns-base"],
    ["dockerops/dockerops-base-ubuntu14.04", "reyns/reyns-base"],
    ["dockerops/dockerops-dns", "reyns/reyns-dns"],
    ["reyns/reyns-base:latest", "reyns/reyns-base"],
    ["reyns/reyns-other", "reyns/reyns-other"],
    ["me/reyns-base", "me/reyns-base"],
    ["postgres:17", "postgres:17"],
  ])("%s is %s", (name, current) => expect(currentImageName(name)).toBe(current));

  test.each([
    ["a", "a:latest"],
    ["a:1", "a:1"],
    ["localhost:5000/a", "localhost:5000/a:latest"],
    ["localhost:5000/a:1", "localhost:5000/a:1"],
  ])("%s is listed as %s", (name, listed) => expect(tagged(name)).toBe(listed));
});

describe("circles", () => {
  const graph = (edges: Record<string, string>) =>
    Object.entries(edges).map(([id, after]) => ({
      id,
      after: after === "" ? [] : after.split(" "),
    }));
  const cases: [Record<string, string>, string[] | undefined][] = [
    [{ a: "", b: "a", c: "a b" }, undefined],
    [{ a: "a" }, ["a", "a"]],
    [{ a: "b", b: "c", c: "b" }, ["b", "c", "b"]],
    [{ a: "nowhere" }, undefined],
    [{}, undefined],
  ];
  test.each(cases)("%j", (edges, cycle) => expect(findCycle(graph(edges))).toEqual(cycle));

  test("many ways to the same place are not all gone", () => {
    const ladder = Array.from({ length: 60 }, (_, index) => ({
      id: `${index}`,
      after: index === 59 ? [] : [`${index + 1}`, `${Math.min(index + 2, 59)}`],
    }));
    expect(findCycle(ladder)).toBeUndefined();
  });

  test("a thousand in a row", () => {
    const chain = Array.from({ length: 1000 }, (_, index) => ({
      id: `${index}`,
      after: [`${index + 1}`],
    }));
    expect(findCycle(chain)).toBeUndefined();
    expect(findCycle([...chain, { id: "1000", after: ["0"] }])).toHaveLength(1002);
  });
});
