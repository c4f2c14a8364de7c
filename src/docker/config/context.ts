import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { sha256Hex } from "../../lib/sha256.ts";
import { acceptedHint } from "../../lib/suggest.ts";
import { readJson } from "./config.ts";

/** What a docker context says of its Engine. */
export interface DockerContext {
  /** As in DOCKER_HOST; undefined: the default socket. */
  readonly host: string | undefined;
  /** Folder with `ca.pem`, `cert.pem`, `key.pem`; undefined: no TLS. */
  readonly certificates: string | undefined;
  readonly skipVerify: boolean;
}

interface Meta {
  readonly Name?: string;
  readonly Endpoints?: {
    readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean };
  };
}

/**
 * Reads a context as `docker context create` leaves it: in folders named by the SHA-256 of its name.
 *
 * @param config Docker's configuration folder
 * @throws ReynsError NO_ENGINE, with the contexts there are
 */
export async function readContext(config: string, name: string): Promise<DockerContext> {
  const digest = sha256Hex(name);
  const file = join(config, "contexts", "meta", digest, "meta.json");
  if (!existsSync(file)) throw await noContext(config, name);
  const endpoint = (await readJson<Meta>(file)).Endpoints?.docker;
  const folder = join(config, "contexts", "tls", digest, "docker");
  return {
    host: endpoint?.Host || undefined,
    certificates: existsSync(folder) ? folder : undefined,
    skipVerify: endpoint?.SkipTLSVerify ?? false,
  };
}

async function noContext(config: string, name: string): Promise<ReynsError> {
  const names = ["default", ...(await contextNames(config))];
  const hint = `${acceptedHint(name, names)}; DOCKER_CONTEXT, else "currentContext" in ${join(config, "config.json")}, names it`;
  return new ReynsError("NO_ENGINE", `there is no docker context "${name}"`, { hint });
}

async function contextNames(config: string): Promise<string[]> {
  const folder = join(config, "contexts", "meta");
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).map((entry) => join(folder, entry, "meta.json"));
  const there = files.filter((file) => existsSync(file));
  const contexts = await Promise.all(there.map((file) => readJson<Meta>(file)));
  return contexts.flatMap(({ Name }) => Name ?? []).toSorted();
}
