import { join } from "node:path";
import type { UpdateOptions } from "../../dns/client/send-update.ts";
import { parseTsigKey, type TsigKey } from "../../dns/tsig/key.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { ReynsError } from "../../errors.ts";
import { machineName } from "../host/engine-host.ts";
import { createDnsRouter } from "./route.ts";
import { readUnlinkedFile } from "../../lib/read-regular-file.ts";

/** Access to a project's DNS, with its key and a route from this host. */
export interface DnsAccess {
  /** @throws ReynsError KEYS_UNUSABLE */
  readonly to: (server: string, signal?: AbortSignal) => Promise<UpdateOptions>;
  /** Name of the machine that instances are registered on. */
  readonly node: () => Promise<string>;
}

interface AccessOptions {
  readonly origin: string;
  readonly keysFolder: string;
  /** The Engines of the project's other nodes. */
  readonly peers?: readonly Engine[];
}

/** Reads the key once, when it is first needed: the first run creates it. */
export function createDnsAccess(
  engine: Engine,
  { origin, keysFolder, peers }: AccessOptions,
): DnsAccess {
  let key: Promise<TsigKey> | undefined;
  let node: Promise<string> | undefined;
  const routeTo = createDnsRouter(engine, origin, peers);
  return {
    to: async (server, signal) => {
      key ??= readTsigKey(join(keysFolder, "tsig.key"));
      const [tsigKey, dial] = await Promise.all([key, routeTo(server)]);
      return { server, key: tsigKey, dial, signal };
    },
    node: () => (node ??= machineName(engine)),
  };
}

async function readTsigKey(file: string): Promise<TsigKey> {
  try {
    return parseTsigKey(readUnlinkedFile(file).toString(), file);
  } catch (cause) {
    if (cause instanceof ReynsError) throw cause;
    const hint =
      'copy the keys from the machine that runs the DNS: "reyns keys export" there, "reyns keys import" here\nif the DNS runs on this machine: "reyns keys rotate", then "reyns rerun all"';
    throw new ReynsError("KEYS_UNUSABLE", `cannot read the project's DNS key ${file}`, {
      hint,
      cause,
    });
  }
}
