import { copiedFilePart } from "../../model/container-files.ts";
import type { ContainerSpec, Mount } from "../../model/container-spec.ts";
import { engineFieldEntries, isBytes } from "../../model/engine-fields.ts";
import {
  deviceText,
  fieldText,
  healthcheckFields,
  labelFields,
  networkText,
  resolverLines,
  serviceText,
  sizeText,
  ulimitText,
} from "../../model/field-text.ts";
import { mask, type ContainerFields, type FieldValue } from "../../model/fields.ts";
import { hostBindings } from "../../model/ports.ts";
import { environmentPart } from "../../model/labels.ts";
import { givenSettings } from "./merge-runtime.ts";

/** The fields of a planned container, as text: to be compared with those of the container that it replaces. */
export function specFields(spec: ContainerSpec): ContainerFields {
  const variables = { ...spec.env, ...spec.secrets };
  const { healthcheck, ulimits, ...runtime } = spec.runtime;
  return {
    image: spec.image,
    command: spec.command?.join(" "),
    hostname: spec.hostname,
    dns: resolverLines(spec.dns),
    links: spec.extraHosts.map(({ name, address }) => `${name}:${address}`),
    networks: [...(spec.network ? [spec.network] : []), ...(spec.joined ?? [])].map((network) =>
      // The address in the project's own follows from the name.
      networkText(network.isOwn ? { ...network, address: undefined } : network),
    ),
    networkMode: spec.network ? undefined : (spec.networkMode ?? "host"),
    mounts: spec.mounts.map(mountText),
    ports: spec.ports.flatMap((port) =>
      hostBindings(port).map(
        ({ ip, host }) =>
          `${addressPrefix(ip)}${host || "free"}:${port.container}/${port.protocol}`,
      ),
    ),
    ...Object.fromEntries((spec.copiedFiles ?? []).map((file) => [copiedFilePart(file), mask])),
    privileged: spec.privileged ? "true" : undefined,
    swarm: spec.swarm && serviceText(spec.swarm),
    ...Object.fromEntries(
      Object.entries(givenSettings(runtime)).map(([key, value]) => [key, runtimeText(key, value)]),
    ),
    ...(ulimits ? { ulimits: ulimits.map(ulimitText) } : {}),
    ...healthcheckFields(healthcheck ?? {}),
    ...labelFields(spec.labels),
    ...Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [environmentPart(name), value]),
    ),
  };
}

/** `127.0.0.1:`, `[::1]:`; empty for all addresses. */
function addressPrefix(ip: string): string {
  if (ip === "") return "";
  return ip.includes(":") ? `[${ip}]:` : `${ip}:`;
}

/** With the options that the Engine tells of an existing container. */
function mountText({ type, source, target, readOnly }: Mount): string {
  return `${type === "tmpfs" ? type : source}:${target}${readOnly ? ":ro" : ""}`;
}

function runtimeText(key: string, value: unknown): FieldValue {
  if (key === "entrypoint" && Array.isArray(value)) return value.join(" ");
  if (key === "stopGracePeriod") return `${String(value)}s`;
  if (key === "devices" && Array.isArray(value)) return value.map(String).map(deviceText);
  return typeof value === "number" && sizes.has(key) ? sizeText(value) : fieldText(value);
}

/** Fields that are a number of bytes. */
const sizes: ReadonlySet<string> = new Set(
  engineFieldEntries.filter(([, { kind }]) => isBytes(kind)).map(([name]) => name),
);
