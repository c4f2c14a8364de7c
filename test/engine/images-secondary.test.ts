import { afterAll, beforeAll, setDefaultTimeout, test } from "bun:test";
import {
  type Container,
  must,
  pauseContainer,
  run,
  startContainer,
  temporaryFolder,
  until,
} from "./support/images-container.ts";
import { quick, startZone, type Zone } from "./support/images-zone.ts";

// Containers take their time on a busy machine.
setDefaultTimeout(60_000);

/** A DNS that is away takes half a second of each renewal. */
const settings = { ...quick, DNS_LEASE: "5", DNS_RENEW: "0.5", DNS_REAP: "0.2" };

/** As instances of a machine with a secondary DNS have it. */
const second = { DNS_SECONDARIES: "True", DNS_RESOLVER: "" };

let zone: Zone;
let near: string;
/** A secondary DNS of a third machine, whose leases outlast the tests. */
let far: string;
let web: Container;
let app: Container;
let image: Container;

beforeAll(async () => {
  zone = await startZone(settings);
  [near, far] = [zone.at(3), zone.at(5)];
  second.DNS_RESOLVER = near;
  // The resolver above it has a name of the world outside.
  const { id } = await zone.startSecondary({ flags: ["--dns", zone.at(4)] });
  const marked = ["docker", "exec", id, "test", "-e", "/run/named/copied"];
  await until("the zone to be copied", async () => (await run(marked)).status === 0);
  await zone.startSecondary({ address: far, env: { INSTANCE: "far", DNS_LEASE: "60" } });
  const outside = { DNS_ZONE: "out.test", SERVICE: "www", INSTANCE: "one" };
  const first = { DNS_SERVICE_IP: zone.at(4), DNS_PRIMARY: "", DNS_SECONDARIES: "" };
  await zone.startSecondary({
    address: zone.at(4),
    env: { ...outside, ...first, SERVICE_IP: "192.0.2.80" },
  });
  const policy = { DNS_UPDATE_POLICY: "APPEND" };
  [web, app] = await Promise.all([
    zone.start("web", "one", { env: { ...second, ...policy } }),
    // Of another machine: it has to find the secondary DNS by itself.
    zone.start("web", "two", { env: { ...policy, DNS_SECONDARIES: "True" } }),
  ]);
  await startKept();
}, 300_000);

afterAll(async () => {
  await image?.[Symbol.asyncDispose]();
  await zone?.[Symbol.asyncDispose]();
});

/** A ready image, and the keeper that renews its lease. */
async function startKept(): Promise<void> {
  const [network, address, command] = [zone.network, zone.at(80), ["sleep", "infinity"]];
  image = await startContainer("debian:bookworm-slim", { network, address, command });
  const env = { ...second, DNS_SERVICE_IP: "" };
  const keeper = await zone.start("", "", { command: ["/usr/lib/reyns/keeper"], env });
  await using folder = await temporaryFolder();
  const line = `kept-one kept one ${address} REPLACE ${zone.server} local.zone ${address} alpha\n`;
  await Bun.write(`${folder.path}/leases`, line);
  await must("docker", "cp", `${folder.path}/leases`, `${keeper.id}:/run/reyns/leases`);
}

const both = (): string => [web.address, app.address].toSorted().join(" ");

async function resolvesNear(name: string, addresses: string, server = near): Promise<void> {
  const what = `${name} -> "${addresses}"`;
  await until(what, async () => (await zone.resolve(name, server)) === addresses, 20);
}

/** How often a lease has been renewed, as the third machine's DNS has it. */
async function renewalsFar(host: string): Promise<number> {
  const lease = await zone.lease(host, far);
  return Number(lease.find((text) => text.startsWith("seq="))?.slice(4) ?? 0);
}

/** Longer than a lease of the first DNS lasts. */
async function outlast(): Promise<void> {
  await Bun.sleep(1000 * (Number(settings.DNS_LEASE) + 2));
}

test("a secondary DNS has the names of the first one, and those of outside", async () => {
  await resolvesNear("web", both());
  await resolvesNear("web-one", web.address);
  await resolvesNear("kept", image.address);
  await resolvesNear("reyns-dns-near", near);
  await zone.update("update add by-hand.local.zone 5 A 10.9.9.9");
  await resolvesNear("by-hand", "10.9.9.9");
  await zone.update("update delete by-hand.local.zone A");
  await resolvesNear("by-hand", "");
  await resolvesNear("www-one.out.test", "192.0.2.80");
});

test("names of the living stay while the first DNS is away, and those of the dead go", async () => {
  await pauseContainer(zone.dns.id);
  await must("docker", "kill", app.id);
  await outlast();
  await resolvesNear("web", web.address);
  await resolvesNear("web-two", "");
  await resolvesNear("web-one", web.address);
  await resolvesNear("kept", image.address);
  await resolvesNear("www-one.out.test", "192.0.2.80");
});

test("a new instance registers with the secondary DNS while the first one is away", async () => {
  await zone.start("late", "one", { env: second });
  await until("late", async () => (await zone.resolve("late-one", near)) !== "", 20);
});

test("a first DNS that comes back without data is whole, and the secondary follows it again", async () => {
  await zone.renewDns();
  await until("all", async () => (await zone.resolve("web")) === web.address, 20);
  await until("late", async () => (await zone.resolve("late-one")) !== "", 20);
  await outlast();
  await resolvesNear("web", web.address);
  await resolvesNear("kept", image.address);
  await zone.update("update add again.local.zone 5 A 10.9.9.9");
  await resolvesNear("again", "10.9.9.9");
});

test("an instance that stops while the first DNS is away takes its names along", async () => {
  await pauseContainer(zone.dns.id);
  const before = await renewalsFar("web-one");
  await until("a lease", async () => (await renewalsFar("web-one")) > before + 2, 30);
  await must("docker", "stop", "--time", "5", web.id);
  // Long before the lease there expires.
  await resolvesNear("web-one", "", far);
  await resolvesNear("web-one", "");
});
