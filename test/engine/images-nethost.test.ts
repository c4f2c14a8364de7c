import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { imageName } from "./support/base-images.ts";
import { type Container, must, startContainer, until } from "./support/images-container.ts";
import { makeKeys } from "./support/images-keys.ts";
import { startZone, type Zone } from "./support/images-zone.ts";

// Containers take their time on a busy machine.
setDefaultTimeout(240_000);

// In the host's own network these would get in the way of other tests, so they get a network, and are told to listen on
// one of its addresses.
let zone: Zone;
let keys: Awaited<ReturnType<typeof makeKeys>>;
const started: Container[] = [];

beforeAll(async () => {
  zone = await startZone();
  keys = await makeKeys();
}, 300_000);

afterAll(async () => {
  await Promise.all(started.map((container) => container[Symbol.asyncDispose]()));
  await keys?.[Symbol.asyncDispose]();
  await zone?.[Symbol.asyncDispose]();
});

/** Addresses and ports on which something listens in a container: "127.0.0.1:53". */
async function listening({ id }: Container): Promise<string[]> {
  const text = await must("docker", "exec", id, "sh", "-c", "cat /proc/net/tcp /proc/net/udp");
  const sockets = text
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    // Listening TCP sockets, and UDP sockets that are connected to nobody.
    .filter(
      ([, , remote = "", state = ""]) => /^0+:0+$/.test(remote) && ["0A", "07"].includes(state),
    )
    .map(([, local = ""]) => readSocket(local));
  return [...new Set(sockets)].toSorted();
}

/** "0100007F:0035" -> "127.0.0.1:53" */
function readSocket(text: string): string {
  const [address = "", port = ""] = text.split(":");
  return `${Buffer.from(address, "hex").toReversed().join(".")}:${Number.parseInt(port, 16)}`;
}

/** Docker's resolver at 127.0.0.11 has ports of its own. */
const isOurs = (socket: string): boolean => !socket.startsWith("127.0.0.11:");

async function start(
  image: "base" | "dns",
  listen: string,
  command: string[] = [],
): Promise<Container> {
  const address = zone.at(image === "dns" ? 77 : 78);
  const container = await startContainer(imageName(image), {
    network: zone.network,
    address,
    mounts: { [keys.folder]: "/etc/reyns/keys" },
    env: { REYNS_LISTEN: listen, DNS_SERVICE_IP: address },
    command,
  });
  started.push(container);
  return container;
}

test("a DNS answers on the addresses that it is given and on loopback, its sshd too", async () => {
  const own = zone.at(77);
  const dns = await start("dns", `${own} 192.0.2.7`);
  const wanted = ["127.0.0.1", own].flatMap((address) => [`${address}:22`, `${address}:53`]);
  // Others are there for a moment: those of its questions to servers elsewhere.
  await until("its sockets, and no others", async () =>
    Bun.deepEquals((await listening(dns)).filter(isOurs), wanted.toSorted()),
  );
});

test("without them both listen on every address, in a network of their own", async () => {
  await until("its sockets", async () => {
    const sockets = await listening(zone.dns);
    return sockets.includes("0.0.0.0:22") && sockets.includes(`${zone.server}:53`);
  });
});

test("nothing else is taken over from the list into a configuration", async () => {
  const dns = await start("base", "127.0.0.1 10.0.0.1;}", ["sleep", "infinity"]);
  await until("its end or its start", async () => (await dns.logs()).includes("reyns: ready"));
  const { stdout } = await dns.exec("cat", "/etc/ssh/sshd_config.d/reyns-listen.conf");
  expect(stdout).not.toContain(";");
});
