import type { Engine } from "../../docker/client/engine.ts";
import { listAliases } from "../../docker/containers/containers.ts";
import {
  connectNetwork,
  createNetwork,
  disconnectNetwork,
  listNetworks,
  listNetworkUsers,
  removeNetwork,
} from "../../docker/networks.ts";
import { ReynsError } from "../../errors.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import type { ReplacedNetwork } from "../../model/networks.ts";
import type { CreateNetwork } from "../../model/steps.ts";
import type { RuntimeContext } from "../context.ts";
import { hookedContainer, stopWithHooks } from "../instances/hooks.ts";

/**
 * Removes a network and makes it anew with other settings. Its containers are stopped, and put into the new one, so that
 * each of them can come back if its successor does not become ready. If the Engine refuses the new settings, the former
 * network is made again.
 *
 * @throws ReynsError ENGINE_REFUSED
 */
export async function replaceNetwork(
  step: CreateNetwork,
  { id, containers }: ReplacedNetwork,
  context: Pick<RuntimeContext, "engine" | "keysFolder" | "emit" | "stopTimeout">,
): Promise<void> {
  const { engine } = context;
  const former = (await listNetworks(engine)).find((network) => network.id === id);
  const members = await Promise.all(
    containers.map(async (container) => ({
      container,
      aliases: await listAliases(engine, container, step.name),
    })),
  );
  await Promise.all(
    containers.map(async (container) => {
      const hooked = await hookedContainer(engine, container);
      await stopWithHooks(engine, container, hooked, context);
    }),
  );
  await Promise.all(containers.map((container) => disconnectNetwork(engine, id, container)));
  await removeEmptied(engine, step, id);
  try {
    await createNetwork(engine, step);
  } catch (error) {
    if (former)
      await createNetwork(engine, { ...former, pools: former.settings.ipam?.config ?? [] });
    await connectAll(engine, step.name, former ? members : []);
    throw error;
  }
  await connectAll(engine, step.name, members);
}

/** Somebody else may have joined it since the plan was made. */
async function removeEmptied(engine: Engine, { title }: CreateNetwork, id: string): Promise<void> {
  if (await removeNetwork(engine, id)) return;
  const users = summarizeList(await listNetworkUsers(engine, id), 3);
  const message = `the ${title} cannot be replaced: ${users || "a container"} is in it`;
  throw new ReynsError("ENGINE_REFUSED", message, {
    hint: "take it out with docker network disconnect, and run again",
  });
}

interface Member {
  readonly container: string;
  readonly aliases: readonly string[];
}

/** They are stopped, and get an address when they start. */
async function connectAll(
  engine: Engine,
  network: string,
  members: readonly Member[],
): Promise<void> {
  await Promise.all(
    members.map(({ container, aliases }) =>
      connectNetwork(engine, network, container, { Aliases: aliases }),
    ),
  );
}
