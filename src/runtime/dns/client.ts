import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { UpdateOptions } from "../../dns/client/send-update.ts";
import { parseTsigKey, type TsigKey } from "../../dns/tsig/key.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { ReynsError } from "../../errors.ts";
import { createDnsRouter } from "./route.ts";
import { machineName } from "../host/engine-host.ts";

/** How a DNS is talked to: by the project's key, and by a way that this host has there. */
export interface DnsAccess {
  /** @throws ReynsError KEYS_UNUSABLE */
  readonly to: (server: string, signal?: AbortSignal) => Promise<UpdateOptions>;
  /** The name of the machine on which instances are registered. */
  readonly node: () => Promise<string>;
}

interface ProjectKeys {
  readonly folder: string;
  readonly keysFolder: string;
}

/** The key is read once, when it is first needed: a run makes it when there is none. */
export function createDnsAccess(engine: Engine, { folder, keysFolder }: ProjectKeys): DnsAccess {
  let key: Promise<TsigKey> | undefined;
  let node: Promise<string> | undefined;
  const wayTo = createDnsRouter(engine, folder);
  return {
    to: async (server, signal) => {
      key ??= readTsigKey(join(keysFolder, "tsig.key"));
      const [known, dial] = await Promise.all([key, wayTo(server)]);
      return { server, key: known, dial, signal };
    },
    node: () => (node ??= machineName(engine)),
  };
}

async function readTsigKey(file: string): Promise<TsigKey> {
  try {
    return parseTsigKey(await readFile(file, "utf8"), file);
  } catch (cause) {
    if (cause instanceof ReynsError) throw cause;
    const hint =
      '"reyns keys export" on the machine that runs the DNS, and "reyns keys import" here; if that is this one: "reyns keys rotate", "reyns rerun all"';
    const message = `the project's key ${file} cannot be read`;
    throw new ReynsError("KEYS_UNUSABLE", message, { hint, cause });
  }
}
