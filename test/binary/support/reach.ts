import { engineAnswer, inspectContainer } from "../../support/engine-api.ts";
import { execInContainer } from "../../support/engine-exec.ts";

/** Id of the running container of a service's only instance. */
export async function containerOf(folder: string, service: string): Promise<string> {
  const filters = { label: [`io.reyns.service=${service}`, `io.reyns.folder=${folder}`] };
  const path = `/containers/json?filters=${encodeURIComponent(JSON.stringify(filters))}`;
  const running = await engineAnswer<readonly { readonly Id: string }[]>("GET", path);
  return running.map(({ Id }) => Id).join("\n");
}

/** Whether a name or address leads to something that answers, seen from a container with busybox. */
export async function reaches(id: string, name: string): Promise<boolean> {
  // A busy machine may answer late.
  const ping = ["busybox", "ping", "-c1", "-W5", name];
  return (await execInContainer(id, ping)).status === 0;
}

interface Attached {
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>>;
  };
}

/** Network -> address of a container. */
export async function addressesOf(id: string): Promise<Readonly<Record<string, string>>> {
  const details = await inspectContainer<Attached>(id);
  if (!details) throw new Error(`no container ${id}`);
  return Object.fromEntries(
    Object.entries(details.NetworkSettings.Networks).map(([name, { IPAddress }]) => [
      name,
      IPAddress,
    ]),
  );
}
