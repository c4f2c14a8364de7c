import { must, run } from "../../engine/support/images-container.ts";

/** Id of the container of a service's only instance. */
export async function containerOf(folder: string, service: string): Promise<string> {
  const filters = [`label=io.reyns.service=${service}`, `label=io.reyns.folder=${folder}`];
  return must(
    "docker",
    "ps",
    "-q",
    "--no-trunc",
    ...filters.flatMap((filter) => ["--filter", filter]),
  );
}

/** Whether a name or address leads to something that answers, seen from a container with busybox. */
export async function reaches(id: string, name: string): Promise<boolean> {
  // A busy machine may answer late.
  const ping = ["docker", "exec", id, "busybox", "ping", "-c1", "-W5", name];
  return (await run(ping)).status === 0;
}

/** Network -> address of a container. */
export async function addressesOf(id: string): Promise<Readonly<Record<string, string>>> {
  const text = await must(
    "docker",
    "inspect",
    "--format",
    "{{json .NetworkSettings.Networks}}",
    id,
  );
  const networks = JSON.parse(text) as Record<string, { readonly IPAddress: string }>;
  return Object.fromEntries(
    Object.entries(networks).map(([name, { IPAddress }]) => [name, IPAddress]),
  );
}
