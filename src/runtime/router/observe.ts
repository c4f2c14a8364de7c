import type { Engine } from "../../docker/client/engine.ts";
import { statPath } from "../../docker/containers/archive.ts";
import { readRegularFile } from "../../docker/containers/copy.ts";
import type { ObservedRouter } from "../../model/router-steps.ts";

/** On the router's volume: what it serves, in the form of the input of "router configure". */
const servedFile = "/var/lib/caddy/router/served";

/** More than a thousand routes. */
const maxBytes = 4_000_000;

/** In the router's container while Caddy runs without its last configuration: images/router. */
const refusedFile = "/run/reyns-router/admin/refused";

/** Reads what a router serves from its volume; it need not run. */
export async function observeRouter(
  engine: Engine,
  { id, host }: { readonly id: string; readonly host: string },
): Promise<Omit<ObservedRouter, "assets">> {
  const [file, refused] = await Promise.all([
    readRegularFile(engine, id, servedFile, maxBytes),
    statPath(engine, id, refusedFile),
  ]);
  return { host, ...parseServed(file?.toString() ?? ""), isRefused: refused !== undefined };
}

/** Lines `HOST KEY CONTAINER PORT`, an empty line, and Caddy's configuration. */
export function parseServed(text: string): Pick<ObservedRouter, "config" | "upstreams"> {
  const [head = "", ...rest] = `\n${text}`.split("\n\n");
  const upstreams = new Map<string, string[]>();
  for (const line of head.split("\n")) {
    const [host = "", ...upstream] = line.split(" ");
    if (upstream.length === 3)
      upstreams.set(host, [...(upstreams.get(host) ?? []), upstream.join(" ")]);
  }
  return { config: rest.join("\n\n") || undefined, upstreams };
}
