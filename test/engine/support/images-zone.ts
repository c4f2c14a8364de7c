import { randomInt } from "node:crypto";
import { Resolver } from "node:dns/promises";
import { removeIfPossible } from "../../support/engine-api.ts";
import { imageName, provideBaseImages } from "./base-images.ts";
import {
  type Container,
  type ContainerOptions,
  createNetwork,
  startContainer,
  until,
} from "./images-container.ts";
import { makeKeys } from "./images-keys.ts";

/** Intervals with which a test need not wait long, and a busy machine loses no lease. */
export const quick = { DNS_LEASE: "3", DNS_RENEW: "0.2", DNS_REAP: "0.1", DNS_PROBE: "0.2" };

type Options = Omit<ContainerOptions, "network" | "hostname">;

/** The value of a field of a lease. */
export const fieldOf = (lease: readonly string[], name: string): string | undefined =>
  lease.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1);

/** A network with a DNS at a fixed address, and what a test does there. */
export interface Zone extends AsyncDisposable {
  readonly network: string;
  /** Of the DNS. */
  readonly server: string;
  dns: Container;
  /** An address of the network by its last number. */
  at(last: number): string;
  /** Starts a container of reyns-common that knows itself as SERVICE-INSTANCE. */
  start(service: string, instance: string, options?: Options): Promise<Container>;
  /** Starts a DNS that copies this one, as a machine's own: at `at(3)`. */
  startSecondary(options?: Options): Promise<Container>;
  /** Removes all that it has started: agents renew their leases several times a second. */
  removeStarted(): Promise<void>;
  /** Replaces the DNS by one without data. */
  renewDns(): Promise<void>;
  /** Addresses of a name, sorted and joined by spaces: "" when there are none. The DNS is this one, or another server. */
  resolve(name: string, at?: string): Promise<string>;
  /** Waits until a name has exactly these addresses, or none. */
  leadsTo(name: string, ...addresses: readonly string[]): Promise<void>;
  /** The strings of an instance's lease; empty without one. The DNS is this one, or another server. */
  lease(host: string, at?: string): Promise<string[]>;
  /** The names of an address. */
  pointer(address: string): Promise<string>;
  /** Waits until an address has exactly these names, or none. */
  leadsBack(address: string, names: string): Promise<void>;
  /** Changes the zone by hand: lines for nsupdate. */
  update(...lines: string[]): Promise<void>;
}

/** Starts a network and a DNS with the given settings; everything goes with the result. */
export async function startZone(settings: Readonly<Record<string, string>> = quick): Promise<Zone> {
  await provideBaseImages();
  const keys = await makeKeys();
  let part = "";
  const network = await createNetwork(() => {
    part = `10.${randomInt(224, 256)}.${randomInt(256)}`;
    return `${part}.0/24`;
  });
  const server = `${part}.2`;
  const shared = { network: network.id, mounts: { [keys.folder]: "/etc/reyns/keys" } };
  const started: Container[] = [];

  const run = async (image: string, options: Options): Promise<Container> => {
    const env = { ...settings, DNS_SERVICE_IP: server, ...options.env };
    const mounts = { ...shared.mounts, ...options.mounts };
    return startContainer(image, { ...options, ...shared, mounts, env });
  };
  const startDns = async (): Promise<Container> => {
    // Above it there is no resolver (RFC 5737): nothing here may depend on one.
    const dns = await run(imageName("dns"), { address: server, flags: ["--dns", "192.0.2.1"] });
    await until(
      "the DNS",
      async () => (await ask((resolver) => resolver.resolveSoa("local.zone"))) !== undefined,
    );
    return dns;
  };
  // Silence is no answer, unless it lasts: a busy machine is slow.
  const ask = <T>(
    question: (resolver: Resolver) => Promise<T>,
    asked = server,
  ): Promise<T | undefined> => {
    const resolver = new Resolver({ timeout: 1000, tries: 4 });
    resolver.setServers([asked]);
    return question(resolver).catch(() => undefined);
  };

  const zone: Zone = {
    network: network.name,
    server,
    dns: await startDns(),
    at: (last) => `${part}.${last}`,
    start: async (service, instance, options = {}) => {
      const env = { SERVICE: service, INSTANCE: instance, ...options.env };
      const command = options.command ?? ["sleep", "infinity"];
      const container = await run(imageName("common"), { ...options, env, command });
      started.push(container);
      return container;
    },
    startSecondary: async (options = {}) => {
      const env = { SERVICE: "reyns-dns", INSTANCE: "near", DNS_UPDATE_POLICY: "APPEND" };
      const own = { DNS_PRIMARY: server, DNS_SECONDARIES: "True", DNS_RESOLVER: "127.0.0.1" };
      const all = { ...options, env: { ...env, ...own, ...options.env } };
      const container = await run(imageName("dns"), { address: zone.at(3), ...all });
      started.push(container);
      return container;
    },
    renewDns: async () => {
      await zone.dns[Symbol.asyncDispose]();
      zone.dns = await startDns();
    },
    resolve: async (name, at) => {
      const full = name.includes(".") ? name : `${name}.local.zone`;
      const addresses = await ask((resolver) => resolver.resolve4(full), at);
      return (addresses ?? []).toSorted().join(" ");
    },
    leadsTo: async (name, ...addresses) => {
      const wanted = addresses.toSorted().join(" ");
      await until(`${name} -> "${wanted}"`, async () => (await zone.resolve(name)) === wanted);
    },
    lease: async (host, at) => {
      const texts = await ask((resolver) => resolver.resolveTxt(`${host}._lease.local.zone`), at);
      // Bun gives the strings of one record as records of their own.
      return (texts ?? []).flat();
    },
    pointer: async (address) =>
      ((await ask((resolver) => resolver.reverse(address))) ?? []).toSorted().join(" "),
    leadsBack: async (address, names) => {
      await until(`${address} -> "${names}"`, async () => (await zone.pointer(address)) === names);
    },
    update: async (...lines) => {
      const script = ["server 127.0.0.1", ...lines, "send"].join("\n");
      const words = [
        "bash",
        "-c",
        'printf "%s\\n" "$1" | nsupdate -k /etc/reyns/keys/tsig.key',
        "-",
        script,
      ];
      const { status, stdout, stderr } = await zone.dns.exec(...words);
      if (status !== 0) throw new Error(`nsupdate: ${stderr || stdout}`);
    },
    removeStarted: async () => {
      // A hundred at once leave endpoints behind that the Engine does not get rid of.
      while (started.length > 0)
        await Promise.all(
          started
            .splice(0, 8)
            .map(({ id }) => removeIfPossible(`/containers/${id}?force=true&v=true`)),
        );
    },
    [Symbol.asyncDispose]: async () => {
      await zone.removeStarted();
      await zone.dns[Symbol.asyncDispose]();
      await network[Symbol.asyncDispose]();
      await keys[Symbol.asyncDispose]();
    },
  };
  return zone;
}
