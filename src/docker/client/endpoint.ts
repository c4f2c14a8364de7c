import { existsSync } from "node:fs";
import { join } from "node:path";
import { ReynsError } from "../../errors.ts";
import type { Environment } from "../../lib/environment.ts";
import { configFolder, homeOf, readDockerConfig } from "../config/config.ts";
import type { Certificates, readCertificates } from "./tls.ts";

/** The address of an Engine and the way to connect to it. */
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
      /** Path of the Engine's socket on that host; undefined: the usual ones are tried. */
      readonly path: string | undefined;
    };

/**
 * Finds the Engine: by DOCKER_HOST, DOCKER_CONTEXT, the current docker context, or the default socket, in this order.
 *
 * @throws ReynsError NO_ENGINE
 */
export async function findEndpoint(env: Environment): Promise<Endpoint> {
  const host = env["DOCKER_HOST"];
  if (host) return parse(host.includes("://") ? host : `tcp://${host}`, tlsFromEnvironment(env));
  const name = env["DOCKER_CONTEXT"] || (await readDockerConfig(env)).currentContext;
  if (!name || name === "default") return parse(defaultSocket(env), tlsFromEnvironment(env));
  const { readContext } = await import("../config/context.ts");
  const { host: address, certificates, skipVerify } = await readContext(configFolder(env), name);
  return parse(address ?? defaultSocket(env), {
    isSecure: certificates !== undefined,
    certificates: () =>
      loadCertificates(certificates ?? configFolder(env), { optional: true, skipVerify }),
  });
}

/** The TLS settings for an address that does not include them. */
interface TlsDefaults {
  readonly isSecure: boolean;
  readonly certificates: () => Promise<Certificates>;
}

/** Once TLS is requested, there is never a fallback to a plain connection. */
function tlsFromEnvironment(env: Environment): TlsDefaults {
  const verify = Boolean(env["DOCKER_TLS_VERIFY"]);
  const folder = env["DOCKER_CERT_PATH"] || configFolder(env);
  return {
    isSecure: verify || Boolean(env["DOCKER_TLS"]),
    certificates: () => loadCertificates(folder, { optional: !verify, skipVerify: !verify }),
  };
}

/** Loads tls.ts only for endpoints with TLS. */
async function loadCertificates(
  ...options: Parameters<typeof readCertificates>
): Promise<Certificates> {
  const tls = await import("./tls.ts");
  return tls.readCertificates(...options);
}

async function parse(address: string, tls: TlsDefaults): Promise<Endpoint> {
  const path = address.startsWith("unix://") ? address.slice("unix://".length) : undefined;
  if (path?.startsWith("/")) return { kind: "socket", address, path };
  const url = parseUrl(address);
  const shown = withoutPassword(address);
  // URLs put brackets around IPv6 addresses; nothing else does.
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (url.protocol === "ssh:") return sshEndpoint(address, host, url);
  const isSecure = url.protocol === "https:" || tls.isSecure;
  // URL drops a scheme's default port, even an explicit one.
  const port = url.port || /:(\d+)\/*$/.exec(address)?.[1];
  return {
    kind: "tcp",
    address: shown,
    host,
    port: Number(port) || (isSecure ? 2376 : 2375),
    certificates: isSecure ? await tls.certificates() : undefined,
  };
}

function parseUrl(address: string): URL {
  const url = URL.parse(address);
  // A URL's host may contain more than a host name can.
  const hasHostName = /^[\w.-]+$|^\[[\da-f:.]+\]$/i.test(url?.hostname ?? "");
  const schemes = ["tcp:", "http:", "https:", "ssh:"];
  if (url && hasHostName && schemes.includes(url.protocol)) return url;
  throw new ReynsError(
    "NO_ENGINE",
    `not an address of a Docker Engine: "${withoutPassword(address)}"`,
    {
      hint: "accepted: unix:///PATH, tcp://HOST:PORT, ssh://[USER@]HOST[:PORT]",
    },
  );
}

/** Errors show the address, and no Engine takes a password in it. */
function withoutPassword(address: string): string {
  return address.replace(/(\/\/[^/@:]*):[^/]*@/, "$1@");
}

function sshEndpoint(address: string, host: string, url: URL): Endpoint {
  // The path becomes part of a shell command on the other machine and of ssh's arguments.
  if (!/^[\w./@+~-]*$/.test(url.pathname)) {
    const message = `unsupported path in ${withoutPassword(address)}: only letters, digits and _ . / @ + ~ - are allowed`;
    throw new ReynsError("NO_ENGINE", message, {
      hint: "accepted: ssh://[USER@]HOST[:PORT][/PATH]",
    });
  }
  if (url.password !== "") {
    throw new ReynsError("NO_ENGINE", "the ssh:// address of an Engine must not have a password", {
      hint: "use a key instead: ssh-copy-id HOST",
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

/** The system's socket, else Docker Desktop's, else that of a rootless Engine. */
function defaultSocket(env: Environment): string {
  const runtime = env["XDG_RUNTIME_DIR"] || `/run/user/${process.getuid?.() ?? 0}`;
  const candidates = [
    "/var/run/docker.sock",
    join(homeOf(env), ".docker/run/docker.sock"),
    join(runtime, "docker.sock"),
  ];
  return `unix://${candidates.find((path) => existsSync(path)) ?? candidates[0]}`;
}
