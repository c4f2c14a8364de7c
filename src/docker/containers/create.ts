import type Docker from "dockerode";
import type { ContainerSpec } from "../../model/container-spec.ts";
import { readAnswer, requireString } from "../client/answers.ts";
import type { Engine } from "../client/engine.ts";
import { lostConnection } from "../client/errors.ts";
import { request } from "../client/request.ts";
import { connectNetwork } from "../networks.ts";
import { removeContainer } from "./containers.ts";
import { createOptions, endpointSettings } from "./create-options.ts";
import { listContainers } from "./list.ts";
import { createVolumes, podmanOptions } from "./podman-options.ts";

/**
 * Creates a container without starting it, and puts it into its networks.
 *
 * @returns its id
 * @throws ReynsError ENGINE_REFUSED; with status 409 when the name is taken
 */
export async function createContainer(engine: Engine, spec: ContainerSpec): Promise<string> {
  const { joined = [], ...alone } = spec;
  const { platform } = spec.runtime;
  // A hardware address counts only here: the Engine ignores that of a network which a container is put into later.
  if ((await engine.features()).createsInNetworks)
    return createContainerFrom(engine, createOptions(spec), platform);
  const id = await createContainerFrom(engine, createOptions(alone), platform);
  try {
    for (const { name, ...network } of joined)
      await connectNetwork(engine, name, id, endpointSettings({ name, ...network }));
  } catch (error) {
    await removeContainer(engine, id);
    throw error;
  }
  return id;
}

/** Creates a container from options of the Engine's API; the Engine picks a name if there is none. */
export async function createContainerFrom(
  engine: Engine,
  body: Docker.ContainerCreateOptions,
  platform?: string,
): Promise<string> {
  const { name, Labels = {} } = body;
  const { isPodman } = await engine.features();
  const query = new URLSearchParams({ ...(name && { name }), ...(platform && { platform }) });
  const suffix = query.size === 0 ? "" : `?${query.toString()}`;
  const options = {
    method: "POST",
    path: `/containers/create${suffix}`,
    body: isPodman ? podmanOptions(body) : body,
  } as const;
  if (isPodman) await createVolumes(engine, body);
  const create = async (): Promise<string> =>
    readAnswer(engine, await request<{ Id: string }>(engine, options), ({ Id }) =>
      requireString(Id),
    );
  try {
    return await create();
  } catch (error) {
    if (!lostConnection(error) || name === undefined) throw error;
  }
  // The answer is lost. If the container was created, it has this name and all these labels.
  const labels = Object.entries(Labels).map(([label, value]) => `${label}=${value}`);
  const containers = await listContainers(engine, labels);
  const created = containers.find((container) => container.name === name);
  return created?.state === "created" ? created.id : create();
}
