import type { ContainerSpec, NetworkAttachment } from "../../model/container-spec.ts";
import { labels, parseLabel } from "../../model/labels.ts";
import type { ObservedNetwork } from "../../model/networks.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { StartInstance } from "../../model/steps.ts";
import { chooseAddress, chooseGivenAddress, isInSubnet } from "../resolve/addresses.ts";

export interface AddressScene {
  readonly networks: readonly ObservedNetwork[];
  /** Addresses that a plan gives to others, in whichever network. */
  readonly planned: ReadonlySet<string>;
}

/** The step with addresses that the container which serves now has not, wherever it has one. */
export function withOtherAddresses(
  step: StartInstance,
  { networks: own = [] }: ObservedInstance,
  { networks, planned }: AddressScene,
): StartInstance {
  const others = new Map<string, string>();
  const move = (attachment: NetworkAttachment): NetworkAttachment => {
    const { name, address } = attachment;
    const network = networks.find((one) => one.name === name);
    if (address === undefined || !network || !own.some((one) => one.name === name))
      return attachment;
    const other = otherAddress(step.host, address, network, planned);
    others.set(address, other);
    return { ...attachment, address: other };
  };
  const { network, joined } = step.spec;
  const moved = {
    ...(network && { network: move(network) }),
    ...(joined && { joined: joined.map(move) }),
  };
  return withAddresses({ ...step, spec: { ...step.spec, ...moved } }, others);
}

function otherAddress(
  host: string,
  address: string,
  { subnets, settings, users }: ObservedNetwork,
  planned: ReadonlySet<string>,
): string {
  const taken = new Set([...users.map((user) => user.address), ...planned, address]);
  const pool = settings.ipam?.config?.find(({ subnet = "" }) => isInSubnet(address, subnet));
  // Of our networks the range is the Engine's, and the addresses of instances are outside it.
  if (pool?.ipRange !== undefined && isInSubnet(address, pool.ipRange))
    return chooseGivenAddress(pool, host, taken);
  const excluded = Object.values(pool?.auxAddresses ?? {});
  const subnet = pool?.subnet ?? subnets[0] ?? "";
  return chooseAddress(subnet, host, false, new Set([...taken, ...excluded]));
}

/** Replaces the addresses of an instance wherever its step names them. */
function withAddresses(step: StartInstance, others: ReadonlyMap<string, string>): StartInstance {
  const other = (address: string): string => others.get(address) ?? address;
  const { ready, register, spec } = step;
  return {
    ...step,
    address: other(step.address),
    ready: "address" in ready ? { ...ready, address: other(ready.address) } : ready,
    register: register && { ...register, address: other(register.address) },
    // A free port is another one, too.
    spec: {
      ...withRegistration(spec, other),
      ports: spec.ports.map(({ container, host, protocol, ip }) => ({
        container,
        host,
        protocol,
        ip,
      })),
    },
  };
}

function withRegistration(spec: ContainerSpec, other: (address: string) => string): ContainerSpec {
  const registration = parseLabel<{ readonly address?: string }>(spec.labels[labels.registration]);
  if (registration?.address === undefined) return spec;
  const moved = JSON.stringify({ ...registration, address: other(registration.address) });
  return { ...spec, labels: { ...spec.labels, [labels.registration]: moved } };
}
