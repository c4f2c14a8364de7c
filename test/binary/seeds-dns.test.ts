import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { containerIds } from "./support/engine.ts";
import { must } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

/** An interface of this file's own, since only one DNS can be published on port 53 of an address. RFC 5737 */
const [name, address] = ["reyns-seeds0", "198.51.100.53"];
const makeInterface = `ip link delete ${name} 2>/dev/null; ip link add ${name} type veth peer name reyns-seeds1 && ip addr add ${address}/32 dev ${name} &&
  ip link set ${name} up && ip link set reyns-seeds1 up`;

let shop: Project;

// A DNS for the whole network, found by a link, by its address, and not at all.
beforeAll(async () => {
  await must("sh", "-c", makeInterface);
  shop = await createProject({
    "services/demo/Dockerfile": "FROM reyns/reyns-base\n",
    "default.conf": `[
      {
        "service": "reyns-dns",
        "instance": "master",
        "sleep": 0,
        "links": [],
        "env_vars": { "SERVICE_IP": "from_${name}" }
      },
      { "service": "reyns-base", "instance": "one", "sleep": 0, "links": ["reyns-dns-master:dns"], },
      {
        "service": "reyns-base",
        "instance": "two",
        "links": [],
        "env_vars": { "DNS_SERVICE_IP": "from_${name}" }
      },
      {
        "service": "demo",
        "instance": "one",
        "links": [ { "name": "BASE", "service": "reyns-base", "instance": null } ]
      }
    ]`,
  });
  await shop.must("run all yes=True");
}, 300_000);

afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
  await must("ip", "link", "delete", name);
});

async function inside(service: string, instance: string, command: string): Promise<string> {
  const line = ["shell", service, instance, "capture=true", `command=${command}`];
  return (JSON.parse(await shop.must(line)) as { stdout: string }).stdout.trimEnd();
}

/** What the DNS itself says of a name; links and the Engine's own names have no part in it. */
async function inZone(host: string): Promise<string[]> {
  const [id = "none"] = await containerIds(shop.folder, "master");
  const words = ["dig", "+short", "@127.0.0.1", `${host}.local.zone`];
  return (await must("docker", "exec", id, ...words)).split("\n").filter(Boolean).toSorted();
}

const addressOf = (service: string, instance: string): Promise<string> =>
  shop.must(`getip ${service} ${instance}`);

describe("the DNS of a conf", () => {
  test("is found by a link and by DNS_SERVICE_IP, and has hosts and services", async () => {
    const [one, two] = [await addressOf("reyns-base", "one"), await addressOf("reyns-base", "two")];
    expect(await inZone("reyns-base-one")).toEqual([one]);
    expect(await inZone("reyns-base-two")).toEqual([two]);
    expect(await inZone("reyns-dns-master")).toEqual([address]);
    for (const [service, instance] of [
      ["reyns-base", "one"],
      ["reyns-base", "two"],
    ] as const)
      expect(await inside(service, instance, "getent hosts reyns-base-two.local.zone")).toContain(
        two,
      );
  });

  test("leads from a service's name to its last instance, as REPLACE is the default", async () => {
    expect(await inZone("reyns-base")).toEqual([await addressOf("reyns-base", "two")]);
    await shop.must("rerun reyns-base one");
    expect(await inZone("reyns-base")).toEqual([await addressOf("reyns-base", "one")]);
  });

  test("leaves a linked service reachable by the link's name", async () => {
    const variables = await inside("demo", "one", "env");
    expect(variables).toContain(`BASE_SERVICE_IP=${await addressOf("reyns-base", "one")}`);
    expect(await inside("demo", "one", "ping -c 1 -W 2 base")).toContain("1 received");
  });

  test("has the new address of an instance that moves, without a new link", async () => {
    await shop.must("clean reyns-base two");
    expect(await inZone("reyns-base-two")).toEqual([]);
    await shop.must("run reyns-base two", { env: { SERVICE_IP: "192.0.2.123" } });
    expect(await inZone("reyns-base-two")).toEqual(["192.0.2.123"]);
  });

  test("is published on SERVICE_IP by UDP and TCP, and answers there", async () => {
    for (const flag of ["+notcp", "+tcp"]) {
      const [id = "none"] = await containerIds(shop.folder, "master");
      const question = ["dig", "+short", flag, `@${address}`, "reyns-dns-master.local.zone"];
      expect([flag, await must("docker", "exec", id, ...question)]).toEqual([flag, address]);
    }
  });
});
