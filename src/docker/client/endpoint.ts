import { ReynsError } from "../../errors.ts";
import { join } from "../../lib/path.ts";
import type { Certificates, readCertificates } from "./tls.ts";
import { configFolder, homeOf, readDockerConfig } from "../config/config.ts";
import type { Environment } from "../../lib/environment.ts";

/** Where an Engine is, and how it is spoken to. */
export type Endpoint =
  | { readonly kind: "socket"; readonly address: string; readonly path: string }
  | {
      readonly kind: "tcp";
      readonly address: string;
      readonly host: string;
      readonly port: number;
      readonly certificates: Certificates | undefined;
    }
  | {
      readonly kind: "ssh";
      readonly address: string;
      readonly host: string;
      readonly user: string | undefined;
      readonly port: number | undefined;
      /** Of the Engine's socket there; undefined: where it usually is. */
      readonly path: string | undefined;
    };

/**
 * The Engine that DOCKER_HOST, DOCKER_CONTEXT, the current docker context or the default socket names, in this order.
 *
 * @throws ReynsError NO_ENGINE
 */
export async function findEndpoint(env: Environment): Promise<Endpoint> {
  const host = env["DOCKER_HOST"];
  if (host) return parse(host.includes("://") ? host : `tcp://${host}`, fromEnvironment(env));
  const name = env["DOCKER_CONTEXT"] || (await readDockerConfig(env)).currentContext;
  if (!name || name === "default") return parse(defaultSocket(env), fromEnvironment(env));
  const { readContext } = await import("../config/context.ts");
  const context = await readContext(configFolder(env), name);
  const { certificates: folder, skipVerify } = context;
  return parse(context.host ?? defaultSocket(env), {
    isSecure: folder !== undefined,
    certificates: () => certificatesIn(folder ?? configFolder(env), { optional: true, skipVerify }),
  });
}

/** When an address leaves open whether it is TLS, and with which certificates. */
interface Tls {
  readonly isSecure: boolean;
  readonly certificates: () => Promise<Certificates>;
}

/** Whoever wants TLS gets it or an error: never a plain connection instead. */
function fromEnvironment(env: Environment): Tls {
  const verify = Boolean(env["DOCKER_TLS_VERIFY"]);
  const folder = env["DOCKER_CERT_PATH"] || configFolder(env);
  return {
    isSecure: verify || Boolean(env["DOCKER_TLS"]),
    certificates: () => certificatesIn(folder, { optional: !verify, skipVerify: !verify }),
  };
}

/** What reads them is loaded where there is TLS. */
async function certificatesIn(
  ...asked: Parameters<typeof readCertificates>
): Promise<Certificates> {
  const certificates = await import("./tls.ts");
  return certificates.readCertificates(...asked);
}

async function parse(address: string, tls: Tls): Promise<Endpoint> {
  const path = address.startsWith("unix://") ? address.slice("unix://".length) : undefined;
  if (path?.startsWith("/")) return { kind: "socket", address, path };
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const scheme = url?.protocol ?? "";
  // A URL may hold more than the name of a host, and nothing else can be asked for then.
  const namesHost = /^[\w.-]+$|^\[[\da-f:.]+\]$/i.test(url?.hostname ?? "");
  if (!url || !namesHost || !["tcp:", "http:", "https:", "ssh:"].includes(scheme)) {
    throw new ReynsError("NO_ENGINE", `"${address}" is no address of an Engine`, {
      hint: "accepted: unix:///PATH, tcp://HOST:PORT, ssh://[USER@]HOST[:PORT]",
    });
  }
  // An IPv6 address stands in brackets in a URL, and nowhere else.
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (scheme === "ssh:") return sshEndpoint(address, host, url);
  const isSecure = scheme === "https:" || tls.isSecure;
  // A URL of the web leaves out its usual port, even where it was said.
  const said = url.port || /:(\d+)\/*$/.exec(address)?.[1];
  const port = Number(said) || (isSecure ? 2376 : 2375);
  return {
    kind: "tcp",
    address,
    host,
    port,
    certificates: isSecure ? await tls.certificates() : undefined,
  };
}

function sshEndpoint(address: string, host: string, url: URL): Endpoint {
  // It becomes part of a command for the shell of the other machine, and of ssh's own words.
  if (!/^[\w./@+~-]*$/.test(url.pathname)) {
    const message = `an Engine at ${address} cannot be reached: its path has other signs than letters, digits and _ . / @ + ~ -`;
    throw new ReynsError("NO_ENGINE", message, {
      hint: "accepted: ssh://[USER@]HOST[:PORT][/PATH]",
    });
  }
  if (url.password !== "") {
    throw new ReynsError("NO_ENGINE", "an ssh:// address of an Engine takes no password", {
      hint: "let ssh know it by a key: ssh-copy-id HOST",
    });
  }
  return {
    kind: "ssh",
    address,
    host,
    user: url.username === "" ? undefined : decodeURIComponent(url.username),
    port: url.port === "" ? undefined : Number(url.port),
    path: ["", "/"].includes(url.pathname) ? undefined : url.pathname,
  };
}

/** The system's, else Docker Desktop's, else a rootless Engine's own. */
function defaultSocket(env: Environment): string {
  const runtime = env["XDG_RUNTIME_DIR"] || `/run/user/${process.getuid?.() ?? 0}`;
  const candidates = [
    "/var/run/docker.sock",
    join(homeOf(env), ".docker/run/docker.sock"),
    join(runtime, "docker.sock"),
  ];
  for (const path of candidates) if (socketExists(path)) return `unix://${path}`;
  return `unix://${candidates[0]}`;
}

/** Not by `exists`, which says no of a socket: its size is infinite, and 0 that of what is not there. */
export function socketExists(path: string): boolean {
  return Bun.file(path).size > 0;
}
