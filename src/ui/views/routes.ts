import type { ObservedInstance } from "../../model/observed.ts";
import type { HostCertificate } from "../../model/route-certificates.ts";
import type { ServedRoute } from "../../model/served-routes.ts";
import { formatTable } from "../output/table.ts";

/** A route with the instances that serve it, and the certificate of its host. */
export interface RouteView extends Pick<ServedRoute, "host" | "path"> {
  /** Where it answers on this machine; undefined where the router publishes no port for it. */
  readonly url: URL | undefined;
  readonly upstreams: readonly UpstreamView[];
  readonly certificate: HostCertificate | undefined;
}

/** An instance of this machine, or the name in the DNS of one on another machine. */
export type UpstreamView = { readonly port: number } & (
  | { readonly instance: ObservedInstance; readonly remoteName?: undefined }
  | { readonly instance?: undefined; readonly remoteName: string }
);

/** A line for each upstream of each route. */
export function formatRoutes(routes: readonly RouteView[]): string {
  const columns = [
    { title: "HOST", shrinks: true },
    { title: "PATH" },
    { title: "UPSTREAM", colour: (text: string) => (text === "none" ? "red" : undefined) },
    { title: "STATE", colour: colourOfState },
    { title: "CERTIFICATE", shrinks: true, droppable: true, colour: colourOfProblem },
    { title: "EXPIRES", droppable: true, colour: colourOfProblem },
  ] as const;
  const rows = routes.flatMap(({ host: name, url, path, upstreams, certificate }) => {
    // With the usual ports, a browser needs no more than the name.
    const host = url?.port ? url.origin : name;
    const issued = certificate ? certificateCells(certificate) : [];
    if (upstreams.length === 0) return [[host, path, "none", "", ...issued]];
    return upstreams.map(({ instance, remoteName, port }) => [
      host,
      path,
      `${remoteName ?? instance.host}:${port}`,
      instance ? stateOf(instance) : elsewhere,
      ...issued,
    ]);
  });
  return formatTable(columns, rows);
}

/** The state of an instance on another machine, which that machine knows. */
const elsewhere = "elsewhere";

/** Issuer and expiry. */
function certificateCells({ certificate, state }: HostCertificate): string[] {
  if (!certificate) return ["none"];
  const until = certificate.expiresAt.toISOString().slice(0, 16).replace("T", " ");
  const problem = { ok: "", overdue: " not renewed", expired: " expired", missing: "" }[state];
  return [certificate.issuer, `${until}${problem}`];
}

function colourOfProblem(text: string): "red" | undefined {
  return text === "none" || / (?:expired|not renewed)$/.test(text) ? "red" : undefined;
}

function stateOf({ state, health }: ObservedInstance): string {
  return state === "running" ? (health ?? state) : state;
}

function colourOfState(text: string): "green" | "yellow" | "red" | undefined {
  if (text === elsewhere) return undefined;
  if (text === "starting") return "yellow";
  return text === "running" || text === "healthy" ? "green" : "red";
}

export function routeToJson({ host, path, url, upstreams, certificate }: RouteView): unknown {
  return {
    host,
    path,
    url: url?.href ?? null,
    upstreams: upstreams.map(({ instance, remoteName, port }) => ({
      service: instance?.service ?? null,
      instance: instance?.instance ?? null,
      remoteName: remoteName ?? null,
      port,
      state: instance?.state ?? elsewhere,
      health: instance?.health ?? null,
    })),
    certificate: certificate?.certificate
      ? {
          issuer: certificate.certificate.issuer,
          expires: certificate.certificate.expiresAt.toISOString(),
          state: certificate.state,
        }
      : null,
    failure: certificate?.failure
      ? {
          reason: certificate.failure.reason,
          message: certificate.failure.message,
          at: certificate.failure.at.toISOString(),
        }
      : null,
  };
}
