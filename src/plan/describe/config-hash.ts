import type { ContainerSpec, NetworkAttachment } from "../../model/container-spec.ts";
import { variablePart } from "./container-env.ts";
import { givenSettings } from "./merge-runtime.ts";
import { sha256Hex } from "../../lib/sha256.ts";

/** What changes when nobody has changed the definition: not part of it. */
const volatileVariables = new Set(["HOST_HOSTNAME", "REYNS_HOST_HOSTNAME"]);

/**
 * A short digest of each part of the definition: enough to say what has changed, and no value in it. Secrets are not
 * among them: from a short one, a digest that everybody can repeat gives it away.
 */
export function hashDefinition(
  spec: Omit<ContainerSpec, "labels">,
  ownLabels: Readonly<Record<string, string>>,
): Record<string, string> {
  const env = Object.entries(spec.env).filter(([name]) => !volatileVariables.has(name));
  const parts: Record<string, unknown> = {
    image: spec.image,
    command: spec.command,
    hostname: spec.hostname,
    dns: spec.dns,
    links: spec.extraHosts,
    // Whether the Engine made a folder is nothing of the container's.
    mounts: spec.mounts.map((mount) => ({ ...mount, createHostPath: undefined })),
    ...(spec.volumesFrom ? { volumesFrom: spec.volumesFrom } : {}),
    ports: spec.ports.map((port) => ({ ...port, kept: undefined, keptIpv6: undefined })),
    privileged: spec.privileged,
    ...(spec.swarm ? { swarm: spec.swarm } : {}),
    ...networksPart(spec),
    ...(Object.keys(ownLabels).length > 0 ? { labels: ownLabels } : {}),
    ...givenSettings(spec.runtime),
    ...Object.fromEntries(env.map(([name, value]) => [variablePart(name), value])),
  };
  return Object.fromEntries(
    Object.entries(parts).map(([part, value]) => [part, digestPart(value)]),
  );
}

/** The digest of one part of a definition. */
export function digestPart(value: unknown): string {
  return sha256Hex(JSON.stringify(value ?? null)).slice(0, 8);
}

/** Nothing of the project's own network alone. Chosen addresses follow from the name of the instance. */
function networksPart({ network, joined = [], networkMode }: Omit<ContainerSpec, "labels">): {
  networks?: unknown;
} {
  if (networkMode?.startsWith("container:")) return { networks: networkMode };
  const others = joined.map(asDefined);
  const added = network?.added ?? [];
  if (network && !network.isOwn) return { networks: [added, others, asDefined(network)] };
  return others.length + added.length === 0 ? {} : { networks: [added, others] };
}

function asDefined({ isChosen, implied = [], ...attachment }: NetworkAttachment): object {
  const aliases = attachment.aliases.filter((alias) => !implied.includes(alias));
  return { ...attachment, aliases, ...(isChosen ? { address: undefined } : {}) };
}
