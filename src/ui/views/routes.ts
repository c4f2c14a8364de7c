import type { ObservedInstance } from "../../model/observed.ts";
import type { ServedRoute } from "../../model/served-routes.ts";
import type { RouterCertificate } from "../../runtime/router/certificates.ts";
import { formatTable } from "../output/table.ts";

/** A route with the instances that serve it, and the certificate of its host. */
export interface RouteView extends Omit<ServedRoute, "key"> {
  readonly upstreams: readonly {
    readonly instance: ObservedInstance;
    readonly port: number;
  }[];
  readonly certificate: RouterCertificate | undefined;
}

/** A line for each upstream of each route. */
export function formatRoutes(routes: readonly RouteView[]): string {
  const columns = [
    { title: "HOST", shrinks: true },
    { title: "PATH" },
    { title: "UPSTREAM", colour: (text: string) => (text === "none" ? "red" : undefined) },
    { title: "STATE", colour: colourOfState },
    { title: "CERTIFICATE", shrinks: true, droppable: true },
    { title: "EXPIRES", droppable: true },
  ] as const;
  const rows = routes.flatMap(({ host, path, upstreams, certificate }) => {
    const issued = [
      certificate?.issuer ?? "",
      certificate?.expires.toISOString().slice(0, 16) ?? "",
    ];
    if (upstreams.length === 0) return [[host, path, "none", "", ...issued]];
    return upstreams.map(({ instance, port }) => [
      host,
      path,
      `${instance.host}:${port}`,
      stateOf(instance),
      ...issued.map((text) => text.replace("T", " ")),
    ]);
  });
  return formatTable(columns, rows);
}

function stateOf({ state, health }: ObservedInstance): string {
  return state === "running" ? (health ?? state) : state;
}

function colourOfState(text: string): "green" | "yellow" | "red" | undefined {
  if (text === "starting") return "yellow";
  return text === "running" || text === "healthy" ? "green" : "red";
}

export function routeToJson({ host, path, upstreams, certificate }: RouteView): unknown {
  return {
    host,
    path,
    upstreams: upstreams.map(({ instance, port }) => ({
      service: instance.service,
      instance: instance.instance,
      port,
      state: instance.state,
      health: instance.health ?? null,
    })),
    certificate: certificate
      ? { issuer: certificate.issuer, expires: certificate.expires.toISOString() }
      : null,
  };
}
