import { askEngine, listContainers } from "./engine.ts";

/** Unique, so that leftovers of another process do not matter. */
const network = `reyns-bench-floor-${process.pid}`;
const label = "io.reyns.bench";

/** The calls to the Engine that every tool has to make. The rest of a tool's time is its own. */
export interface Floor {
  /** Lists, creates a network, then creates and starts the containers. */
  readonly run: () => Promise<void>;
  /** Stops and removes the containers, then the network. */
  readonly clean: () => Promise<void>;
}

/** @param atOnce number of containers that are created or removed at the same time */
export function createFloor(
  image: string,
  command: readonly string[],
  count: number,
  atOnce = 8,
): Floor {
  const names = Array.from({ length: count }, (_, index) => `${network}-${index}`);
  return {
    run: async () => {
      await lists();
      await createNetwork();
      await forEach(names, atOnce, (name) => start(name, image, command));
      await listed();
    },
    clean: async () => {
      const there = await listed();
      await forEach(there, atOnce, async (id) => {
        await askEngine("POST", `/containers/${id}/stop`);
        await askEngine("DELETE", `/containers/${id}?v=true`);
      });
      if (await hasNetwork()) await removeNetwork();
    },
  };
}

async function lists(): Promise<void> {
  const paths = ["/containers/json?all=true", "/networks", "/images/json"];
  await Promise.all(paths.map((path) => askEngine("GET", path)));
}

function listed(): Promise<string[]> {
  return listContainers(`${label}=${network}`);
}

async function createNetwork(): Promise<void> {
  await askEngine("POST", "/networks/create", { Name: network, Driver: "bridge" });
}

/** Docker 20.10 sometimes still has the endpoint of a container that is already removed. */
async function removeNetwork(): Promise<void> {
  const remove = () => askEngine("DELETE", `/networks/${network}`);
  await remove().catch(() => Bun.sleep(50).then(remove));
}

async function hasNetwork(): Promise<boolean> {
  const filters = encodeURIComponent(JSON.stringify({ name: [network] }));
  return (
    (JSON.parse(await askEngine("GET", `/networks?filters=${filters}`)) as unknown[]).length > 0
  );
}

async function start(name: string, image: string, command: readonly string[]): Promise<void> {
  const body = {
    Image: image,
    Cmd: command,
    Labels: { [label]: network },
    HostConfig: { NetworkMode: network, Init: true },
  };
  const text = await askEngine("POST", `/containers/create?name=${name}`, body);
  const { Id } = JSON.parse(text) as { Id: string };
  await askEngine("POST", `/containers/${Id}/start`);
}

async function forEach<Item>(
  items: readonly Item[],
  atOnce: number,
  act: (item: Item) => Promise<unknown>,
): Promise<void> {
  const left = [...items];
  const work = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
