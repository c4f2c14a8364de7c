import type { PortInput } from "../../../api/option-values.ts";
import { parsePorts } from "../../../model/port-syntax.ts";
import type { ComposePort } from "../compose-file.ts";
import { replicasOf } from "./replicas.ts";
import { refuse, toList, type ServiceContext } from "./context.ts";

/**
 * The ports of one instance of a service. Of a range for one port, each of several instances gets the next one.
 *
 * @param position of the instance among those of its service, from 0
 */
export function mapPorts(
  ports: readonly ComposePort[],
  position: number,
  context: ServiceContext,
): PortInput[] {
  const mapped = ports.flatMap((port, index) => {
    const path = ["ports", index];
    const host = replicasOf(context.service) === 1 ? onlyPort(port) : hostPort(port, position);
    if (host === undefined) {
      const hint = `${String(port.published)} has no port for instance ${position + 1}: publish a longer range, or "${port.target}" alone for free ones`;
      refuse(context, path, hint, "ports");
      return [];
    }
    return [{ path, value: portText(port, host) }];
  });
  return toList("ports", mapped, context);
}

/** Of a range, the Engine chooses one for the only instance. */
function onlyPort({ published }: ComposePort): string {
  return isFree(published) ? "free" : published;
}

function isFree(published: string | undefined): published is undefined | "" | "0" {
  return published === undefined || published === "" || published === "0";
}

/** "free" where the Engine chooses; undefined where the range has ended. */
function hostPort({ published }: ComposePort, position: number): string | undefined {
  if (isFree(published)) return "free";
  const [first = "", last] = published.split("-");
  if (last === undefined) return first;
  const port = Number(first) + position;
  return port > Number(last) ? undefined : String(port);
}

function portText({ target, protocol, host_ip: ip }: ComposePort, host: string): PortInput {
  const suffix = protocol === "tcp" ? "" : `/${protocol}`;
  const address = ip === undefined || ip === "" ? "" : `${ip.includes(":") ? `[${ip}]` : ip}:`;
  const text = `${address}${host === "free" ? "0" : host}:${target}${suffix}`;
  // An address that the short form does not take, such as "::1%lo", is reported with the port.
  return parsePorts(text) ? text : { container: target, host: "free", ip: ip ?? "" };
}
