import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import {
  type Container,
  must,
  startContainer,
  temporaryFolder,
  until,
} from "./support/images-container.ts";
import { quick, startZone, type Zone } from "./support/images-zone.ts";

// Containers take their time on a busy machine.
setDefaultTimeout(240_000);

let zone: Zone;
let keeper: Container;
let ready: Container;

beforeAll(async () => {
  zone = await startZone({ ...quick, DNS_LEASE: "10" });
  keeper = await zone.start("", "", {
    command: ["/usr/lib/reyns/keeper"],
    env: { DNS_SERVICE_IP: "" },
  });
  const [network, address] = [zone.network, zone.at(80)];
  ready = await startContainer("debian:bookworm-slim", {
    network,
    address,
    command: ["sleep", "infinity"],
  });
}, 300_000);

afterAll(async () => {
  await ready?.[Symbol.asyncDispose]();
  await zone?.[Symbol.asyncDispose]();
});

/** As the host does it: a whole file, moved into its place by the Engine. */
async function writeList(...lines: string[]): Promise<void> {
  await using folder = await temporaryFolder();
  await Bun.write(`${folder.path}/leases`, lines.map((line) => `${line}\n`).join(""));
  await must("docker", "cp", `${folder.path}/leases`, `${keeper.id}:/run/reyns/leases`);
}

const line = (host: string, address: string, probe: string): string =>
  `${host} ${host.replace("-one", "")} one ${address} REPLACE ${zone.server} local.zone ${probe} alpha`;

async function resolves(name: string, address: string): Promise<void> {
  await until(`${name} -> "${address}"`, async () => (await zone.resolve(name)) === address);
}

test("a ready image is registered while it runs, at the address in the list", async () => {
  await writeList(
    line("image-one", zone.at(80), zone.at(80)),
    line("elsewhere-one", "10.9.9.9", zone.at(80)),
    line("dead-one", zone.at(81), zone.at(81)),
  );
  await resolves("image", zone.at(80));
  await resolves("image-one", zone.at(80));
  await resolves("elsewhere", "10.9.9.9");
  expect(await zone.resolve("dead")).toBe("");
  await must("docker", "kill", ready.id);
  await resolves("image", "");
  await resolves("image-one", "");
  await resolves("elsewhere", "");
  await must("docker", "start", ready.id);
  await resolves("image", zone.at(80));
});

test("the keeper registers again with a DNS that comes back empty", async () => {
  await zone.renewDns();
  await resolves("image", zone.at(80));
});

test("a new list applies at once, and an instance that is not on it expires", async () => {
  await writeList(line("other-one", zone.at(80), zone.at(80)));
  await resolves("other", zone.at(80));
  await resolves("image", "");
});

test("replacing the keeper keeps every name", async () => {
  await must("docker", "restart", "--time", "5", keeper.id);
  expect(await zone.resolve("other")).toBe(zone.at(80));
  expect(await zone.resolve("other-one")).toBe(zone.at(80));
});

test("the keeper reports a line that describes no instance, and renews the others", async () => {
  await writeList(
    "nonsense",
    `a_b b one 1.2.3.4 REPLACE ${zone.server} local.zone 1.2.3.4 x`,
    "",
    line("last-one", zone.at(80), zone.at(80)),
  );
  await resolves("last", zone.at(80));
  for (const invalid of ["'nonsense'", "'a_b b one"])
    await until(invalid, async () =>
      (await keeper.logs()).includes(`reyns: invalid line in the list of instances: ${invalid}`),
    );
});
