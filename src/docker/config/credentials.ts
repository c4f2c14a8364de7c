import { readDockerConfig, type DockerConfig } from "./config.ts";
import type { Environment } from "../../lib/environment.ts";

/** What a registry is shown, in the words of the Engine's API. */
export interface Credentials {
  readonly serveraddress: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/** How Docker's configuration calls Docker Hub. */
const hub = "https://index.docker.io/v1/";

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
  return isHost && first !== "docker.io" ? first : hub;
}

/** What was found for a registry. */
export interface CredentialLookup {
  readonly credentials: Credentials | undefined;
  /** Why a helper gave none, should the registry ask for some. */
  readonly problem: string | undefined;
}

/**
 * The caller's credentials for an image's registry, as `docker login` has left them: with the helper of that registry
 * or of all, else in `config.json` itself.
 *
 * @throws ReynsError NO_ENGINE when config.json is not JSON
 * @see https://docs.docker.com/reference/cli/docker/login/#credential-stores
 */
export async function credentialsFor(image: string, env: Environment): Promise<CredentialLookup> {
  const config = await readDockerConfig(env);
  const registry = registryOf(image);
  const helper = config.credHelpers?.[registry] ?? config.credsStore;
  // An empty name stands for the file, too.
  if (!helper) return { credentials: stored(config, registry), problem: undefined };
  return askHelper(`docker-credential-${helper}`, registry, env);
}

function stored({ auths = {} }: DockerConfig, registry: string): Credentials | undefined {
  const name = Object.keys(auths).find((one) => one === registry || hostOf(one) === registry);
  const auth = name === undefined ? undefined : auths[name];
  if (!auth) return undefined;
  const { auth: encoded, ...others } = auth;
  const [user, ...password] = Buffer.from(encoded ?? "", "base64")
    .toString()
    .split(":");
  const pair = encoded ? { username: user ?? "", password: password.join(":") } : {};
  return { ...pair, ...others, serveraddress: registry };
}

/** `https://registry.example/v1/` -> `registry.example` */
function hostOf(name: string): string {
  return name.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}

/** What a helper answers to `get`. */
interface HelperOutput {
  readonly Username?: string;
  readonly Secret?: string;
}

async function askHelper(
  program: string,
  registry: string,
  env: Environment,
): Promise<CredentialLookup> {
  const none = (problem: string | undefined): CredentialLookup => ({
    credentials: undefined,
    problem,
  });
  if (Bun.which(program, { PATH: env["PATH"] ?? "" }) === null)
    return none(`${program}, which Docker's config.json names, is not on the PATH`);
  const child = Bun.spawn([program, "get"], {
    stdin: Buffer.from(registry),
    stdout: "pipe",
    stderr: "ignore",
    env: { ...env },
  });
  const [text, status] = await Promise.all([child.stdout.text(), child.exited]);
  if (status !== 0) {
    const isUnknown = text.includes("credentials not found");
    return none(isUnknown ? undefined : `${program} says: ${text.trim() || `status ${status}`}`);
  }
  const { Username = "", Secret = "" } = parsed(text);
  if (Secret === "") return none(`${program} gave no secret`);
  const secret = { username: Username, password: Secret };
  const given = Username === "<token>" ? { identitytoken: Secret } : secret;
  return { credentials: { ...given, serveraddress: registry }, problem: undefined };
}

function parsed(text: string): HelperOutput {
  try {
    return JSON.parse(text) as HelperOutput;
  } catch {
    return {};
  }
}
