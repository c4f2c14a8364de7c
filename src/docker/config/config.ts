import { ReynsError } from "../../errors.ts";
import { join } from "../../lib/path.ts";
import type { Environment } from "../../lib/environment.ts";

/** What Reyns reads of Docker's own `config.json`. */
export interface DockerConfig {
  readonly currentContext?: string;
  /** Registry -> credentials, in the file itself. */
  readonly auths?: Readonly<Record<string, StoredAuth>>;
  /** The helper that has the credentials of all registries: `docker-credential-NAME`. */
  readonly credsStore?: string;
  /** Registry -> the helper that has its credentials. */
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
  return env["HOME"] || process.getBuiltinModule("node:os").homedir();
}

/** The folder that DOCKER_CONFIG names, else `~/.docker`. */
export function configFolder(env: Environment): string {
  return env["DOCKER_CONFIG"] || join(homeOf(env), ".docker");
}

/**
 * Docker's `config.json`; empty where there is none.
 *
 * @throws ReynsError NO_ENGINE when it is not JSON
 * @see https://docs.docker.com/reference/cli/docker/#configuration-files
 */
export async function readDockerConfig(env: Environment): Promise<DockerConfig> {
  const file = join(configFolder(env), "config.json");
  return (await Bun.file(file).exists()) ? readJson<DockerConfig>(file) : {};
}

/** @throws ReynsError NO_ENGINE */
export async function readJson<Content>(file: string): Promise<Content> {
  try {
    return JSON.parse(await Bun.file(file).text()) as Content;
  } catch (cause) {
    // What a parser says of a mistake shows the text around it, and that may be a password.
    const why = cause instanceof SyntaxError ? "it is no JSON" : (cause as Error).message;
    const message = `Docker's own configuration cannot be read: ${why}`;
    throw new ReynsError("NO_ENGINE", message, {
      at: { file },
      hint: "mend it, or set DOCKER_HOST and DOCKER_CONFIG",
      cause,
    });
  }
}
