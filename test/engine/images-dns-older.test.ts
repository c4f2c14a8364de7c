import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { must, run, temporaryFolder, until } from "./support/images-container.ts";
import { startZone, type Zone } from "./support/images-zone.ts";

setDefaultTimeout(240_000);

let zone: Zone;

beforeAll(async () => {
  zone = await startZone();
}, 300_000);

afterAll(() => zone?.[Symbol.asyncDispose]());

/** A zone as older versions left it, with records that they accepted. */
const older = `$TTL 5
@ SOA dns.local.zone. hostmaster.local.zone. 7 3600 600 86400 2
@ NS localhost.
@ A 6.6.6.6
* A 6.6.6.6
demo-one AAAA ::1
demo-one A 10.3.3.4
*.demo-one TXT "x"
mail MX 10 demo-one
manual 3600 A 10.3.3.5
manual 3600 TXT "a \\" b; c"
`;

/** Restarts the DNS with other data. */
async function restartWith(text: string): Promise<void> {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "local.zone.db");
  await Bun.write(file, text);
  await must("docker", "kill", zone.dns.id);
  await must("docker", "cp", file, `${zone.dns.id}:/data/bind/local.zone.db`);
  await must("docker", "start", zone.dns.id);
}

/** Empty without a record, and while the DNS starts. */
async function dig(...words: string[]): Promise<string> {
  const command = ["dig", "+short", "+time=5", "@127.0.0.1", ...words];
  const { status, stdout } = await run(["docker", "exec", zone.dns.id, ...command]);
  return status === 0 ? stdout.trim() : "";
}

test("records that the zone takes no longer are gone when a DNS starts with older data", async () => {
  const script = "rm -f /data/bind/clean /data/bind/local.zone.db.jnl";
  await must("docker", "exec", zone.dns.id, "bash", "-c", script);
  await restartWith(older);
  await until("a record", async () => (await dig("manual.local.zone", "A")) === "10.3.3.5");
  expect(await dig("manual.local.zone", "TXT")).toBe(String.raw`"a \" b; c"`);
  for (const [name = "", type = ""] of [
    ["local.zone", "A"],
    ["nobody.local.zone", "A"],
    ["demo-one.local.zone", "AAAA"],
    ["x.demo-one.local.zone", "TXT"],
    ["mail.local.zone", "MX"],
  ])
    expect([name, type, await dig(name, type)]).toEqual([name, type, ""]);
  expect(await dig("local.zone", "NS")).toBe("localhost.");
});

test("the reaper works with it: instances get their names, and lose them", async () => {
  const demo = await zone.start("demo", "one");
  await until("its name", async () => (await zone.resolve("demo-one")) === demo.address);
  await must("docker", "kill", demo.id);
  await until("no name", async () => (await zone.resolve("demo-one")) === "");
  await must("docker", "start", demo.id);
  await until("its name", async () => (await zone.resolve("demo-one")) !== "");
});
