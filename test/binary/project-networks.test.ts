// Networks that a project makes itself, and what they keep apart.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { must, run } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";
import { addressesOf, containerOf, reaches } from "./support/reach.ts";
import { hostOutside, networksOf, script } from "./support/separate-networks.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

let shop: Project;
beforeAll(async () => {
  await importSmallImage();
  shop = await createProject({ "reyns.ts": script() });
});
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
});

async function nameOf(network: string): Promise<string> {
  return (await networksOf(shop.folder)).find((name) => name.endsWith(`-${network}`)) ?? "";
}

describe("isolation", () => {
  test("a run creates the networks, and what shares one reaches each other by name", async () => {
    await shop.must("run all");
    expect(await networksOf(shop.folder)).toHaveLength(3);
    const label = "{{.Internal}} {{.Labels.tier}}";
    const back = await nameOf("back");
    expect(await must("docker", "network", "inspect", "--format", label, back)).toBe("true data");
    const [db, web, proxy] = [
      await containerOf(shop.folder, "db"),
      await containerOf(shop.folder, "web"),
      await containerOf(shop.folder, "proxy"),
    ];
    for (const name of ["db", "db-one"]) expect(await reaches(web, name)).toBe(true);
    for (const name of ["web", "inner"]) expect(await reaches(db, name)).toBe(true);
    expect(await reaches(proxy, "web-one")).toBe(true);
    expect(await reaches(proxy, "inner")).toBe(false);
    expect(await shop.must("plan all")).toBe("Nothing to do: 4 unchanged");
  });

  test("what shares no network cannot reach each other by name or address", async () => {
    const [db, api, proxy] = [
      await containerOf(shop.folder, "db"),
      await containerOf(shop.folder, "api"),
      await containerOf(shop.folder, "proxy"),
    ];
    const pairs = [
      [proxy, "db", db],
      [api, "db", db],
      [api, "proxy", proxy],
      [db, "proxy", proxy],
    ] as const;
    // Side by side, as what leads nowhere takes its time.
    const reached = pairs.map(async ([from, service, to]) => {
      const [address = ""] = Object.values(await addressesOf(to));
      expect(address).toMatch(/^\d/);
      return Promise.all([reaches(from, service), reaches(from, address)]);
    });
    expect(await Promise.all(reached)).toEqual(pairs.map(() => [false, false]));
  });

  test("nothing leads out of an internal network", async () => {
    await using outside = await hostOutside();
    const db = await containerOf(shop.folder, "db");
    for (const service of ["proxy", "web", "api"])
      expect(await reaches(await containerOf(shop.folder, service), outside.address)).toBe(true);
    expect(await reaches(db, outside.address)).toBe(false);
  });

  test("ps and info show the networks and the addresses", async () => {
    const [web] = (await shop.json("ps web")) as [{ address: string; networks: object[] }];
    const addresses = await addressesOf(await containerOf(shop.folder, "web"));
    expect(web.address).toBe(addresses[await nameOf("front")] ?? "");
    expect(web.networks).toHaveLength(2);
    const info = await shop.must("info web");
    for (const [name, address] of Object.entries(addresses))
      expect(info).toContain(`${name}: ${address}`);
  });
});

describe("changes", () => {
  const mtu = (value: number | string): string =>
    `{ driverOpts: { "com.docker.network.driver.mtu": "${value}" } }`;

  test("a lost network is noticed, and run repairs it", async () => {
    const [web, front] = [await containerOf(shop.folder, "web"), await nameOf("front")];
    await must("docker", "network", "disconnect", front, web);
    expect((await shop.reyns("ps")).stderr).toContain("not in its networks: web-one");
    expect(await shop.must("plan all")).toContain("web-one");
    await shop.must("run all");
    expect(await shop.must("plan all")).toBe("Nothing to do: 4 unchanged");
    expect(await reaches(await containerOf(shop.folder, "proxy"), "web")).toBe(true);
  });

  test("a plan shows the old and the new setting, and a part of the project cannot change it", async () => {
    await shop.write({ "reyns.ts": script({ front: mtu(1400) }) });
    const planned = await shop.must("plan all");
    expect(planned).toContain("replace  network front");
    expect(planned).toContain('"com.docker.network.driver.mtu=1400"');
    const { status, stderr } = await shop.reyns("run proxy deps=false");
    expect({ status, stderr }).toMatchObject({ status: 1 });
    expect(stderr).toContain("the network front has changed, and cannot be replaced while");
    expect(stderr).toContain("reyns run all");
  });

  test("a run replaces a changed network and what is in it, and nothing else", async () => {
    const before = [await containerOf(shop.folder, "db"), await containerOf(shop.folder, "api")];
    const web = await containerOf(shop.folder, "web");
    await shop.must("run all");
    expect(await must("docker", "network", "inspect", await nameOf("front"))).toContain('"1400"');
    expect(await containerOf(shop.folder, "web")).not.toBe(web);
    expect([await containerOf(shop.folder, "db"), await containerOf(shop.folder, "api")]).toEqual(
      before,
    );
    expect(await reaches(await containerOf(shop.folder, "proxy"), "web")).toBe(true);
    expect(await shop.must("plan all")).toBe("Nothing to do: 4 unchanged");
  });

  test("if one of them does not become ready, the former ones run again, in the new network", async () => {
    const web = await containerOf(shop.folder, "web");
    const proxy = await containerOf(shop.folder, "proxy");
    await shop.write({ "reyns.ts": script({ front: mtu(1300), command: "sh -c exit" }) });
    const { status, stderr } = await shop.reyns("run all");
    expect({ status, stderr }).toMatchObject({ status: 1 });
    expect(stderr).toContain("the former versions of web-one, proxy-one run again");
    expect(await containerOf(shop.folder, "web")).toBe(web);
    expect(await containerOf(shop.folder, "proxy")).toBe(proxy);
    expect(await reaches(proxy, "web-one")).toBe(true);
    await shop.write({ "reyns.ts": script({ front: mtu(1300) }) });
    await shop.must("run all");
    expect(await shop.must("plan all")).toBe("Nothing to do: 4 unchanged");
  });

  test("settings that the Engine refuses leave the former network and its instances", async () => {
    await shop.write({ "reyns.ts": script({ front: mtu("wide") }) });
    const { status, stderr } = await shop.reyns("run all");
    expect({ status, stderr }).toMatchObject({ status: 1 });
    expect(stderr).toContain("wide");
    expect(await reaches(await containerOf(shop.folder, "proxy"), "web-one")).toBe(true);
    await shop.write({ "reyns.ts": script({ front: mtu(1300) }) });
    await shop.must("run all");
    expect(await shop.must("plan all")).toBe("Nothing to do: 4 unchanged");
  });
});

test("another folder's project of the same name keeps its networks", async () => {
  const named = `import { project } from "reyns";\nproject("apart");\n${script()}`;
  await using one = await createProject({ "reyns.ts": named });
  await using two = await createProject({ "reyns.ts": named });
  await one.must("run proxy");
  await two.must("run proxy");
  const before = await networksOf(one.folder);
  expect(before).toHaveLength(2);
  await two.must("clean all yes=true");
  expect(await networksOf(one.folder)).toEqual(before);
  expect(await networksOf(two.folder)).toEqual([]);
});

test("clean all removes the networks, but for one that something else is in", async () => {
  const front = await nameOf("front");
  const guest = await must("docker", "run", "-d", "--network", front, smallImage);
  try {
    const { stderr } = await shop.reyns("clean all yes=true");
    expect(stderr).toContain(`the network ${front} stays: still used by`);
    expect(await networksOf(shop.folder)).toEqual([front]);
  } finally {
    await run(["docker", "rm", "-f", guest]);
  }
  await shop.must("clean all");
  expect(await networksOf(shop.folder)).toEqual([]);
});

describe("the project's own network", () => {
  const own = (mtu: number): string => `
import { network, ready, service } from "reyns";
network("default", { internal: true, driverOpts: { "com.docker.network.driver.mtu": ${mtu} } });
service("web", { image: "${smallImage}", stopSignal: "SIGKILL", ready: ready.started() });
`;

  test("has the options that are declared, and is replaced when they change", async () => {
    await using shut = await createProject({ "reyns.ts": own(1400) });
    await shut.must("run all");
    // Podman calls its option mtu, without what Docker has before it.
    const format = `{{.Internal}} {{range .Options}}{{.}}{{end}}`;
    const settings = async (): Promise<string> => {
      const names = await networksOf(shut.folder);
      return must("docker", "network", "inspect", "--format", format, ...names);
    };
    expect(await settings()).toBe("true 1400");
    expect((await shut.reyns("run all")).stderr).toContain("up to date: web-one\n");
    await shut.write({ "reyns.ts": own(1300) });
    expect(await shut.must("plan")).toContain("the network default is replaced");
    await shut.must("run all");
    expect(await settings()).toBe("true 1300");
  });

  test("answers for an unknown name at once, although nothing leads out of it", async () => {
    await using shut = await createProject({ "reyns.ts": own(1400) });
    await shut.must("run all");
    // A resolver asks twice, with five seconds for each answer.
    const line = "timeout 4 busybox ping -c 1 nosuchname";
    const { stderr } = await shut.reyns(["shell", "web", "--", "busybox", "sh", "-c", line]);
    expect(stderr).toContain("bad address 'nosuchname'");
  });
});

test("fixed addresses, a hardware address and IPv6 are as they are given", async () => {
  const third = process.pid % 250;
  await using fixed = await createProject({
    "reyns.ts": `import { network, ready, service } from "reyns";
network("a", { enableIpv6: true, ipam: { config: [{ subnet: "10.87.${third}.0/24", gateway: "10.87.${third}.7" }, { subnet: "fd00:87:${third}::/64" }] } });
network("b");
service("web", { image: "${smallImage}", stopSignal: "SIGKILL", ready: ready.started(), networks: ["b",
  { network: "a", priority: 9, ipv4: "10.87.${third}.9", ipv6: "fd00:87:${third}::9", mac: "02:42:0a:57:00:09" }] });
`,
  });
  await fixed.must("run all");
  const id = await containerOf(fixed.folder, "web");
  const links = await must("docker", "exec", id, "busybox", "ip", "addr");
  expect(links).toContain(`10.87.${third}.9/24`);
  expect(links).toContain(`fd00:87:${third}::9/64`);
  expect(links).toContain("02:42:0a:57:00:09");
  expect(await fixed.must("getip web")).toBe(`10.87.${third}.9`);
  expect(await fixed.must("plan all")).toBe("Nothing to do: 1 unchanged");
});
