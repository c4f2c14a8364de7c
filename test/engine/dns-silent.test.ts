import { afterAll, beforeAll, setDefaultTimeout, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseTsigKey } from "../../src/dns/tsig/key.ts";
import { defaultDnsSettings } from "../../src/model/dns-settings.ts";
import { registerInstance } from "../../src/runtime/dns/register.ts";
import { must, pauseContainer, until } from "./support/images-container.ts";
import { startZone, type Zone } from "./support/images-zone.ts";

// Containers take their time on a busy machine.
setDefaultTimeout(240_000);

let zone: Zone;

beforeAll(async () => {
  zone = await startZone();
}, 300_000);

afterAll(() => zone?.[Symbol.asyncDispose]());

test("an instance is registered by a DNS that is silent for 3 s", async () => {
  const mount =
    '{{range .Mounts}}{{if eq .Destination "/etc/reyns/keys"}}{{.Source}}{{end}}{{end}}';
  const folder = await must("docker", "inspect", "--format", mount, zone.dns.id);
  const file = join(folder, "tsig.key");
  const key = parseTsigKey(await readFile(file, "utf8"), file);
  const { server } = zone;
  const instance = {
    ...defaultDnsSettings,
    server,
    service: "late",
    instance: "one",
    address: "10.3.4.9",
    policy: "REPLACE",
  } as const;
  const dns = { to: async () => ({ server, key }), node: async () => "alpha" };
  await pauseContainer(zone.dns.id);
  const registered = registerInstance(instance, dns, { timeout: 120_000 });
  await Bun.sleep(3000);
  await must("docker", "unpause", zone.dns.id);
  await registered;
  await until("its name", async () => (await zone.resolve("late-one")) === "10.3.4.9");
});
