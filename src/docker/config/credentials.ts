import type { Environment } from "../../lib/environment.ts";
import { parseJson } from "../../lib/parse-json.ts";
import { readDockerConfig, type DockerConfig } from "./config.ts";

/** Credentials for a registry, in the format of the Engine's API. */
export interface Credentials {
  readonly serveraddress: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/** Docker Hub, as Docker's configuration names it. */
export const dockerHub = "https://index.docker.io/v1/";

/**
 * The registry of an image.
 *
 * @example
 * registryOf("localhost:5000/shop/web:2"); // "localhost:5000"
 * registryOf("postgres:17"); // "https://index.docker.io/v1/"
 */
export function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return isHost && first !== "docker.io" ? first : dockerHub;
}

export interface CredentialLookup {
  readonly credentials: Credentials | undefined;
  /** Why a credential helper returned none; reported if the registry asks for some. */
  readonly problem: string | undefined;
}

/**
 * The caller's credentials for an image's registry, as `docker login` stores them: in the credential helper of that
 * registry or of all, else in `config.json` itself.
 *
 * @throws ReynsError NO_ENGINE when config.json is not JSON
 * @see https://docs.docker.com/reference/cli/docker/login/#credential-stores
 */
export async function credentialsFor(image: string, env: Environment): Promise<CredentialLookup> {
  return credentialsOf(registryOf(image), env);
}

/** Whether there may be credentials for any registry. */
export async function hasCredentials(env: Environment): Promise<boolean> {
  const { auths = {}, credHelpers = {}, credsStore } = await readDockerConfig(env);
  return Boolean(credsStore) || Object.keys({ ...auths, ...credHelpers }).length > 0;
}

/** The same for a registry, as `registryOf` names it. */
export async function credentialsOf(registry: string, env: Environment): Promise<CredentialLookup> {
  const config = await readDockerConfig(env);
  const helper = config.credHelpers?.[registry] ?? config.credsStore;
  // An empty name selects the file, too.
  if (!helper) return { credentials: readStored(config, registry), problem: undefined };
  return runHelper(`docker-credential-${helper}`, registry, env);
}

function readStored({ auths = {} }: DockerConfig, registry: string): Credentials | undefined {
  const name = Object.keys(auths).find((key) => key === registry || hostOf(key) === registry);
  const auth = name === undefined ? undefined : auths[name];
  if (!auth) return undefined;
  const { auth: encoded, ...others } = auth;
  const [username = "", ...password] = Buffer.from(encoded ?? "", "base64")
    .toString()
    .split(":");
  const login = encoded ? { username, password: password.join(":") } : {};
  return { ...login, ...others, serveraddress: registry };
}

/** `https://registry.example/v1/` -> `registry.example` */
function hostOf(name: string): string {
  return name.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}

/** What a credential helper prints on `get`. */
interface HelperOutput {
  readonly Username?: string;
  readonly Secret?: string;
}

async function runHelper(
  program: string,
  registry: string,
  env: Environment,
): Promise<CredentialLookup> {
  const failed = (problem: string | undefined): CredentialLookup => ({
    credentials: undefined,
    problem,
  });
  if (Bun.which(program, { PATH: env["PATH"] ?? "" }) === null)
    return failed(`${program}, set in Docker's config.json, is not on the PATH`);
  const child = Bun.spawn([program, "get"], {
    stdin: Buffer.from(registry),
    stdout: "pipe",
    stderr: "ignore",
    env: { ...env },
  });
  const [text, status] = await Promise.all([child.stdout.text(), child.exited]);
  if (status !== 0) {
    const isUnknown = text.includes("credentials not found");
    return failed(
      isUnknown ? undefined : `${program} failed: ${text.trim() || `status ${status}`}`,
    );
  }
  const { Username = "", Secret = "" } = (parseJson(text) ?? {}) as HelperOutput;
  if (Secret === "") return failed(`${program} returned no secret`);
  const isToken = Username === "<token>";
  const secret = isToken ? { identitytoken: Secret } : { username: Username, password: Secret };
  return { credentials: { ...secret, serveraddress: registry }, problem: undefined };
}
