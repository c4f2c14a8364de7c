import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { sha256Hex } from "../../lib/sha256.ts";
import { acceptedHint } from "../../lib/suggest.ts";
import { readJson } from "./config.ts";

/** The Engine of a docker context. */
export interface DockerContext {
  /** As in DOCKER_HOST; undefined: the default socket. */
  readonly host: string | undefined;
  /** Folder with `ca.pem`, `cert.pem`, `key.pem`; undefined: no TLS. */
  readonly certificates: string | undefined;
  readonly skipVerify: boolean;
}

interface ContextMetadata {
  readonly Name?: string;
  readonly Endpoints?: {
    readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean };
  };
}

/**
 * Reads a context as `docker context create` stores it: in folders named by the SHA-256 of its name.
 *
 * @param config Docker's configuration folder
 * @throws ReynsError NO_ENGINE listing the contexts that exist
 */
export async function readContext(config: string, name: string): Promise<DockerContext> {
  const digest = sha256Hex(name);
  const file = join(config, "contexts", "meta", digest, "meta.json");
  if (!existsSync(file)) throw await unknownContext(config, name);
  const endpoint = (await readJson<ContextMetadata>(file)).Endpoints?.docker;
  const folder = join(config, "contexts", "tls", digest, "docker");
  return {
    host: endpoint?.Host || undefined,
    certificates: existsSync(folder) ? folder : undefined,
    skipVerify: endpoint?.SkipTLSVerify ?? false,
  };
}

async function unknownContext(config: string, name: string): Promise<ReynsError> {
  const names = ["default", ...(await listContexts(config))];
  const file = join(config, "config.json");
  const hint = `${acceptedHint(name, names)}; it is set by DOCKER_CONTEXT, or by "currentContext" in ${file}`;
  return new ReynsError("NO_ENGINE", `there is no docker context "${name}"`, { hint });
}

async function listContexts(config: string): Promise<string[]> {
  const folder = join(config, "contexts", "meta");
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder)
    .map((entry) => join(folder, entry, "meta.json"))
    .filter((file) => existsSync(file));
  const contexts = await Promise.all(files.map((file) => readJson<ContextMetadata>(file)));
  return contexts.flatMap(({ Name }) => Name ?? []).toSorted();
}
