import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { query, waitForDns, type QueryResult } from "../../../src/dns/client/query.ts";
import { sendUpdate } from "../../../src/dns/client/send-update.ts";
import type { UpdateOptions, UpdateResult } from "../../../src/dns/client/send-update.ts";
import type { Update } from "../../../src/dns/client/update.ts";
import type { InstanceRegistration } from "../../../src/dns/registry/entry.ts";
import { deregister, register } from "../../../src/dns/registry/register.ts";
import { createTsigKey, formatTsigKey, type TsigKey } from "../../../src/dns/tsig/key.ts";
import { imageName, provideBaseImages } from "./base-images.ts";
import { must, run, temporaryFolder } from "./images-container.ts";

const label = "io.reyns.test=dns";

const configuration = `
include "/conf/tsig.key";
options {
  directory "/var/cache/bind"; pid-file none; listen-on { any; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; servfail-ttl 0; allow-transfer { key reyns; };
};
controls { };
zone "local.zone" {
  type primary; file "/var/cache/bind/local.zone"; max-records-per-type 2000;
  update-policy { grant reyns zonesub A TXT; };
};
zone "10.in-addr.arpa" {
  type primary; file "/var/cache/bind/10.in-addr.arpa"; update-policy { grant reyns zonesub PTR; };
};
`;

const emptyZone = "$TTL 5\n@ SOA localhost. root.localhost. 1 3600 600 86400 2\n@ NS localhost.\n";

/** named starts once /tmp/go exists. */
const start = `
cp /conf/empty.zone /var/cache/bind/local.zone
cp /conf/empty.zone /var/cache/bind/10.in-addr.arpa
until [ -e /tmp/go ]; do sleep 0.02; done
exec named -g -c /conf/named.conf
`;

/** A BIND with the configuration above, and what tests tell and ask it. */
export interface Bind extends AsyncDisposable {
  /** Its IPv4 address. */
  readonly server: string;
  readonly key: TsigKey;
  /** For what needs the key. Forty at once on a busy machine wait for each other. */
  readonly options: Required<Pick<UpdateOptions, "server" | "key" | "timeout">>;
  /** Starts another one, which serves once `go` is called. */
  startLate(): Promise<{ readonly server: string; go(): Promise<void> }>;
  /** Runs a command in its container; resolves to the trimmed output. */
  exec(words: readonly string[], stdin?: string): Promise<string>;
  /** Registers instances, one after the other. */
  register(...registrations: readonly InstanceRegistration[]): Promise<void>;
  deregister(...registrations: readonly InstanceRegistration[]): Promise<void>;
  send(updates: readonly Update[], options?: Partial<UpdateOptions>): Promise<UpdateResult[]>;
  ask(name: string, type: Parameters<typeof query>[1]): Promise<QueryResult>;
  /** Addresses of a name in local.zone, sorted. */
  addressesOf(name: string): Promise<string[]>;
  /** The name that the address of an instance leads to. */
  nameOf(registration: InstanceRegistration): Promise<string | undefined>;
}

/** Starts it in a network of its own. */
export async function startBind(): Promise<Bind> {
  const session = `reyns-test-dns-${randomBytes(4).toString("hex")}`;
  const key = createTsigKey();
  await provideBaseImages();
  await using parts = new AsyncDisposableStack();
  const folder = parts.use(await temporaryFolder());
  const files = {
    "tsig.key": formatTsigKey(key),
    "named.conf": configuration,
    "empty.zone": emptyZone,
    start,
  };
  for (const [name, text] of Object.entries(files)) await Bun.write(join(folder.path, name), text);
  await must("docker", "network", "create", "--label", label, session);
  parts.defer(async () => void (await run(["docker", "network", "rm", session])));
  const [main, late] = [`${session}-main`, `${session}-late`];
  parts.defer(async () => void (await run(["docker", "rm", "-f", main, late])));
  const server = await startIn(session, main, folder.path);
  await must("docker", "exec", main, "touch", "/tmp/go");
  await waitForDns("local.zone", { server, timeout: 120_000 });
  const own = parts.move();
  return {
    ...clientOf(server, key),
    startLate: async () => ({
      server: await startIn(session, late, folder.path),
      go: async () => void (await must("docker", "exec", late, "touch", "/tmp/go")),
    }),
    exec: async (words, stdin) => {
      const { status, stdout, stderr } = await run(["docker", "exec", "-i", main, ...words], stdin);
      if (status !== 0) throw new Error(`${words.join(" ")}: ${stderr || stdout}`);
      return stdout.trim();
    },
    [Symbol.asyncDispose]: () => own.disposeAsync(),
  };
}

/** Only its BIND, with the configuration of a folder; resolves to its address. */
async function startIn(network: string, name: string, folder: string): Promise<string> {
  const options = ["--name", name, "--label", label, "--network", network];
  const words = ["docker", "run", "-d", ...options, "-v", `${folder}:/conf:ro`];
  await must(...words, "--entrypoint", "sh", imageName("dns"), "/conf/start");
  const address = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
  return must("docker", "inspect", "-f", address, name);
}

type Client = Omit<Bind, "startLate" | "exec" | keyof AsyncDisposable>;

function clientOf(server: string, key: TsigKey): Client {
  const options = { server, key, timeout: 60_000 };
  const ask: Bind["ask"] = (name, type) => query(name, type, { server, timeout: 20_000 });
  return {
    ...{ server, key, options, ask },
    register: async (...registrations) => {
      for (const registration of registrations) await register(registration, options);
    },
    deregister: async (...registrations) => {
      for (const registration of registrations) await deregister(registration, options);
    },
    send: async (updates, more = {}) => {
      const results: UpdateResult[] = [];
      for (const update of updates) results.push(await sendUpdate(update, { ...options, ...more }));
      return results;
    },
    addressesOf: async (name) => (await ask(`${name}.local.zone`, "A")).addresses.toSorted(),
    nameOf: async ({ address }) => {
      const name = `${address.split(".").toReversed().join(".")}.in-addr.arpa`;
      const [record] = (await ask(name, "PTR")).records;
      return record?.data.type === "PTR" ? record.data.target : undefined;
    },
  };
}

let addresses = 0;

/** A service of its own for each test, at an address of its own. */
export function registrationOf(
  service: string,
  instance = "one",
  more: Partial<InstanceRegistration> = {},
): InstanceRegistration {
  addresses += 1;
  const address = `10.77.${addresses >> 8}.${addresses & 255}`;
  const standard = { zone: "local.zone", policy: "REPLACE", ttl: 5, node: "alpha" } as const;
  return { ...standard, service, instance, address, ...more };
}
