import { inside, ReynsError } from "../../errors.ts";
import type { ObservedEndpoint } from "../../model/networks.ts";
import { isRunning, type Observed } from "../../model/observed.ts";
import type { Project } from "../../model/project.ts";
import { containerNameOf } from "../../model/resource-names.ts";
import { describeTarget, pointsTo } from "../select/match.ts";
import type { SelectedInstance } from "../select/selection.ts";
import type { PlacedEndpoint } from "./endpoints.ts";

/** The network of another instance. */
export interface SharedNetwork {
  readonly host: string;
  /** The name of its container. */
  readonly container: string;
  /** Id of the container that it has now. */
  readonly id: string | undefined;
  readonly address: string;
  /** Undefined where it is in the host's network. */
  readonly endpoints: readonly ObservedEndpoint[] | undefined;
}

interface Sharing {
  readonly selected: SelectedInstance;
  readonly address: string;
  readonly endpoints: readonly PlacedEndpoint[];
  readonly existing: { readonly id: string } | undefined;
  readonly shared?: SharedNetwork | undefined;
}

interface SharingContext {
  readonly project: Pick<Project, "name" | "origin">;
  readonly observed: Observed;
}

/** An instance in the network of another one, of this plan or running, has its address. */
export function withSharedNetwork<Instance extends Sharing>(
  instance: Instance,
  placed: readonly Instance[],
  context: SharingContext,
): Instance {
  const shared = sharedNetwork(instance, placed, context);
  return shared ? { ...instance, shared, address: shared.address } : instance;
}

function sharedNetwork(
  { selected: { definition, host } }: Sharing,
  placed: readonly Sharing[],
  { project, observed }: SharingContext,
): SharedNetwork | undefined {
  const { networkMode } = definition;
  if (networkMode?.kind !== "instance") return undefined;
  const { target } = networkMode;
  const owner = placed.find(
    ({ selected }) =>
      selected.host !== host && pointsTo(target, selected.service, selected.instance),
  );
  if (owner)
    return {
      host: owner.selected.host,
      container: containerNameOf(project, owner.selected.host),
      id: owner.existing?.id,
      address: owner.address,
      endpoints: owner.selected.properties.nethost
        ? undefined
        : owner.endpoints.map(({ network, address = "" }) => ({ name: network.name, address })),
    };
  const running = observed.instances.find(
    (one) => one.host !== host && isRunning(one) && pointsTo(target, one.service, one.instance),
  );
  return (
    running && {
      host: running.host,
      container: running.containerName,
      id: running.id,
      address: running.address ?? "",
      endpoints: running.networks,
    }
  );
}

/** An instance whose network nobody could share. */
export function sharedNetworkErrors({
  selected,
  shared,
}: Pick<Sharing, "selected" | "shared">): ReynsError[] {
  const { networkMode, at } = selected.definition;
  if (networkMode?.kind !== "instance" || shared) return [];
  const to = describeTarget(networkMode.target);
  const message = `${selected.host} shares the network of ${to}, which does not run`;
  const hint = "run it without deps=false, or define the other one for the same group";
  const place = inside(at, "networkMode");
  return [new ReynsError("UNKNOWN_INSTANCE", message, { hint, at: place })];
}
