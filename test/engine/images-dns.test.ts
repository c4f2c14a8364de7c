import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { randomInt } from "node:crypto";
import { Resolver } from "node:dns/promises";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { imageName, provideBaseImages } from "./support/base-images.ts";
import {
  type Container,
  createNetwork,
  must,
  type Network,
  startContainer,
  until,
  untilLogged,
} from "./support/images-container.ts";
import { dig, update } from "./support/images-dig.ts";
import { type Keys, makeKeys } from "./support/images-keys.ts";

// Containers take their time on a busy machine.
setDefaultTimeout(240_000);

const image = imageName("dns");
const key = "/etc/reyns/keys/tsig.key";

let keys: Keys;
let network: Network;
let dns: Container;

beforeAll(async () => {
  await provideBaseImages();
  keys = await makeKeys();
  network = await createNetwork();
  dns = await startDns();
}, 300_000);

afterAll(async () => {
  await dns?.[Symbol.asyncDispose]();
  await network?.[Symbol.asyncDispose]();
  await keys?.[Symbol.asyncDispose]();
});

async function startDns(
  env: Readonly<Record<string, string>> = {},
  on = network,
): Promise<Container> {
  const mounts = { [keys.folder]: "/etc/reyns/keys" };
  const container = await startContainer(image, {
    mounts,
    env,
    network: on.id,
    hostname: "names",
  });
  const zone = env["DNS_ZONE"] ?? "local.zone";
  await until("the DNS", async () => (await dig(container, zone, "SOA")) !== "");
  return container;
}

describe("updates", () => {
  test("are refused without the key, and with another of its name", async () => {
    const forged = "-y hmac-sha256:reyns:bm90IHRoZSBzZWNyZXQgb2YgdGhlIHByb2plY3Q=";
    expect(await update(dns, "add forged.local.zone 5 A 10.0.0.1")).toBe("update failed: REFUSED");
    expect(await update(dns, "add forged.local.zone 5 A 10.0.0.1", forged)).toContain("BADSIG");
    expect(await update(dns, "add forged.local.zone 5 A 10.0.0.1", "-l")).not.toBe("accepted");
    expect(await dig(dns, "forged.local.zone")).toBe("");
    for (const line of [
      /127\.0\.0\.1#\d+: update 'local\.zone\/IN' denied/,
      /127\.0\.0\.1#\d+: request has invalid signature: TSIG reyns: .*BADSIG/,
    ])
      await until(String(line), async () => line.test(await dns.logs()));
  });

  test.each([
    ["udp.local.zone", "A", "10.1.2.3", ""],
    ["tcp.local.zone", "A", "10.1.2.4", "-v"],
    ["udp._lease.local.zone", "TXT", '"1 2 3"', ""],
    ["3.2.1.10.in-addr.arpa", "PTR", "udp.test.", ""],
    ["4.3.20.172.in-addr.arpa", "PTR", "udp.test.", ""],
    ["5.4.168.192.in-addr.arpa", "PTR", "udp.test.", ""],
  ])("are accepted with it: %s %s", async (name, type, data, flag) => {
    expect(await update(dns, `add ${name} 5 ${type} ${data}`, flag, "-k", key)).toBe("accepted");
    expect(await dig(dns, name, type)).toBe(data);
    expect(await update(dns, `delete ${name} ${type}`, flag, "-k", key)).toBe("accepted");
    expect(await dig(dns, name, type)).toBe("");
  });

  test.each([
    "add local.zone 5 NS elsewhere.",
    "add local.zone 5 A 10.1.2.3",
    "add local.zone 5 TXT apex",
    "add *.local.zone 5 A 10.1.2.3",
    "add *.local.zone 5 TXT wildcard",
    "add *.10.in-addr.arpa 5 PTR udp.local.zone.",
    "add six.local.zone 5 AAAA fd00::1",
    "add mail.local.zone 5 MX 5 udp.local.zone.",
    "add alias.local.zone 5 CNAME udp.local.zone.",
    "add pointer.local.zone 5 PTR udp.local.zone.",
    "add 9.9.9.10.in-addr.arpa 5 A 10.1.2.3",
  ])("of other types are refused: %s", async (change) => {
    expect(await update(dns, change, "-k", key)).toBe("update failed: REFUSED");
  });

  test("may give one name 300 addresses", async () => {
    const lines = Array.from(
      { length: 300 },
      (_, i) => `update add many.local.zone 5 A 10.9.${i >> 8}.${i & 255}\\n`,
    );
    const script = `printf 'server 127.0.0.1\\n${lines.join("")}send\\n' | nsupdate -v -k ${key}`;
    expect((await dns.exec("bash", "-c", script)).status).toBe(0);
    expect((await dig(dns, "many.local.zone")).split("\n")).toHaveLength(300);
    await update(dns, "delete many.local.zone A", "-k", key);
  });
});

describe("questions", () => {
  test("outside the zones go to Docker's resolver", async () => {
    expect(await dig(dns, "names")).toBe(dns.address);
  });

  test("of an unknown name are answered no, for two seconds", async () => {
    const { stdout } = await dns.exec("dig", "@127.0.0.1", "nobody.local.zone");
    expect(stdout).toContain("status: NXDOMAIN");
    expect(stdout).toMatch(/^local\.zone\.\s+2\s+IN\s+SOA/m);
  });

  test("for the whole zone need the key", async () => {
    await until("the name of the DNS", async () => (await dig(dns, "dns.local.zone")) !== "");
    expect((await dns.exec("dig", "@127.0.0.1", "local.zone", "AXFR")).stdout).toContain(
      "Transfer failed",
    );
    expect((await dns.exec("dig", "-k", key, "@127.0.0.1", "local.zone", "AXFR")).stdout).toContain(
      "XFR size: 4",
    );
  });

  test("from public addresses are refused", async () => {
    // The host asks from the network's gateway, so a network of public addresses makes it a stranger.
    await using open = await createNetwork(() => `11.98.${randomInt(256)}.0/28`);
    await using own = await startDns({}, open);
    const resolver = new Resolver({ timeout: 5000, tries: 2 });
    resolver.setServers([own.address]);
    const refused = resolver
      .resolveSoa("local.zone")
      .catch((error: { code: string }) => error.code);
    expect(await refused).toBe("EREFUSED");
  });

  test("tell nothing of the server", async () => {
    expect(await dig(dns, "CH", "TXT", "version.bind")).toBe("");
  });
});

describe("zones", () => {
  test("have the name and the time to live that the environment says", async () => {
    await using other = await startDns({ DNS_ZONE: "shop.test", DNS_TTL: "7" });
    const { stdout } = await other.exec(
      "dig",
      "+noall",
      "+answer",
      "@127.0.0.1",
      "shop.test",
      "SOA",
    );
    expect(stdout).toMatch(/^shop\.test\.\s+7\s+IN\s+SOA\s+dns\.shop\.test\./);
    expect(await update(other, "add a.shop.test 7 A 10.0.0.1", "-k", key)).toBe("accepted");
  });

  test("survive a kill", async () => {
    await update(dns, "add kept.local.zone 5 A 10.7.7.7", "-k", key);
    await must("docker", "restart", "--time", "0", dns.id);
    await until("the record", async () => (await dig(dns, "kept.local.zone")) === "10.7.7.7");
    expect(await dns.logs()).not.toContain("was damaged");
  });

  test.each(["local.zone.db.jnl", "local.zone.db"])(
    "start afresh when %s is damaged",
    async (file) => {
      await using own = await startDns();
      await update(own, "add lost.local.zone 5 A 10.7.7.7", "-k", key);
      await update(own, "add 7.7.7.10.in-addr.arpa 5 PTR lost.local.zone.", "-k", key);
      await own.exec("supervisorctl", "stop", "bind");
      await own.exec("bash", "-c", `head -c 600 /bin/bash > /data/bind/${file}`);
      await own.exec("supervisorctl", "start", "bind");
      await until("the zone", async () => (await dig(own, "local.zone", "SOA")) !== "");
      expect(await dig(own, "lost.local.zone")).toBe("");
      expect(await dig(own, "-x", "10.7.7.7")).toBe("lost.local.zone.");
      const line = "reyns: zone local.zone was damaged; starting with an empty one";
      await untilLogged(own, line);
      expect(await update(own, "add new.local.zone 5 A 10.7.7.8", "-k", key)).toBe("accepted");
    },
  );

  test("answer once they are loaded: no SERVFAIL from before is kept", async () => {
    const { stdout } = await dns.exec("named-checkconf", "-p", "/run/named/named.conf");
    expect(stdout).toMatch(/^\s*servfail-ttl 0;$/m);
    await must("docker", "exec", dns.id, "supervisorctl", "stop", "bind");
    expect(await dig(dns, "local.zone", "SOA")).toBe("");
    await must("docker", "exec", dns.id, "supervisorctl", "start", "bind");
    await until("an answer", async () => (await dig(dns, "local.zone", "SOA")) !== "");
  });
});

describe("a wrong start", () => {
  test("without the key fails with a line, and nothing is served", async () => {
    await using incomplete = await makeKeys();
    await rm(join(incomplete.folder, "tsig.key"));
    await using container = await startContainer(image, {
      mounts: { [incomplete.folder]: "/etc/reyns/keys" },
    });
    const line = `reyns: the DNS needs its TSIG key: ${key} does not exist`;
    await untilLogged(container, line);
    expect(await dig(container, "local.zone", "SOA")).toBe("");
    expect((await container.exec("pgrep", "named")).status).toBe(1);
  });

  test("with a key of another name serves nothing", async () => {
    await using other = await makeKeys();
    await Bun.write(
      join(other.folder, "tsig.key"),
      'key "x" { algorithm hmac-sha256; secret "bm90IHRoZSBzZWNyZXQ="; };\n',
    );
    await using container = await startContainer(image, {
      mounts: { [other.folder]: "/etc/reyns/keys" },
    });
    await untilLogged(container, `reyns: ${key} contains no key named reyns`);
    expect((await container.exec("pgrep", "named")).status).toBe(1);
  });

  test.each([
    ["DNS_ZONE", 'x"; }; zone "y', "DNS_ZONE is not a valid zone name"],
    ["DNS_ZONE", "-x.zone", "DNS_ZONE is not a valid zone name"],
    ["DNS_TTL", "soon", "DNS_TTL is not a number of seconds"],
  ])("with %s=%s says so", async (name, value, message) => {
    const mounts = { [keys.folder]: "/etc/reyns/keys" };
    await using container = await startContainer(image, { mounts, env: { [name]: value } });
    await untilLogged(container, `reyns: ${message}: '${value}'`);
  });
});
