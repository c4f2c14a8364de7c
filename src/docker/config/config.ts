import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ReynsError } from "../../errors.ts";
import type { Environment } from "../../lib/environment.ts";

/** The part of Docker's `config.json` that Reyns reads. */
export interface DockerConfig {
  readonly currentContext?: string;
  /** Registry -> credentials stored in the file itself. */
  readonly auths?: Readonly<Record<string, StoredAuth>>;
  /** The credential helper for all registries: `docker-credential-NAME`. */
  readonly credsStore?: string;
  /** Registry -> its credential helper. */
  readonly credHelpers?: Readonly<Record<string, string>>;
}

export interface StoredAuth {
  /** `USER:PASSWORD` in base64. */
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

export function homeOf(env: Environment): string {
  return env["HOME"] || homedir();
}

/** `DOCKER_CONFIG`, else `~/.docker`. */
export function configFolder(env: Environment): string {
  return env["DOCKER_CONFIG"] || join(homeOf(env), ".docker");
}

/**
 * Reads Docker's `config.json`; empty if there is none.
 *
 * @throws ReynsError NO_ENGINE when it is not JSON
 * @see https://docs.docker.com/reference/cli/docker/#configuration-files
 */
export async function readDockerConfig(env: Environment): Promise<DockerConfig> {
  const file = join(configFolder(env), "config.json");
  return existsSync(file) ? readJson<DockerConfig>(file) : {};
}

/** @throws ReynsError NO_ENGINE */
export async function readJson<Content>(file: string): Promise<Content> {
  try {
    return JSON.parse(await Bun.file(file).text()) as Content;
  } catch (cause) {
    // A parser's message shows the text around the mistake, which may be a password.
    const reason = cause instanceof SyntaxError ? "it is not JSON" : (cause as Error).message;
    throw new ReynsError("NO_ENGINE", `cannot read Docker's configuration: ${reason}`, {
      at: { file },
      hint: "correct the file, or set DOCKER_HOST and DOCKER_CONFIG",
      cause,
    });
  }
}
