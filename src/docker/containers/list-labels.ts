import type Docker from "dockerode";
import { findEndpoint } from "../client/endpoint.ts";
import type { Environment } from "../../lib/environment.ts";

/**
 * The labels of a local Engine's containers, stopped ones too, that carry a certain one (`name=value`), by one request in whatever
 * version of the API it speaks. For who has no time: loading a real connection takes as long as the answer. None of an
 * Engine on another machine.
 */
export async function listLabels(
  env: Environment,
  label: string,
): Promise<Readonly<Record<string, string>>[]> {
  const endpoint = await findEndpoint(env);
  if (endpoint.kind !== "socket") return [];
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
  const path = `/containers/json?all=true&filters=${filters}`;
  const response = await fetch(`http://engine${path}`, { unix: endpoint.path });
  if (!response.ok) return [];
  const listed = (await response.json()) as Docker.ContainerInfo[];
  return listed.map(({ Labels }) => Labels);
}
