import { must, run } from "../../engine/support/images-container.ts";

/** What the tests look at of `docker inspect`. */
export interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Running: boolean; readonly StartedAt: string };
  readonly Config: {
    readonly Env: readonly string[];
    readonly Hostname: string;
    readonly Image: string;
    readonly Cmd: readonly string[] | null;
    readonly Labels: Readonly<Record<string, string>>;
  };
  readonly HostConfig: {
    readonly Dns: readonly string[] | null;
    readonly DnsSearch: readonly string[] | null;
    readonly DnsOptions: readonly string[] | null;
    readonly ExtraHosts: readonly string[] | null;
    readonly PortBindings: Readonly<Record<string, unknown>>;
    readonly Mounts: readonly unknown[] | null;
  };
}

/** Ids of a folder's containers, stopped ones too; only those of one instance when it is given. */
export function containerIds(folder: string, instance?: string): Promise<string[]> {
  return idsOf([
    `io.reyns.folder=${folder}`,
    ...(instance === undefined ? [] : [`io.reyns.instance=${instance}`]),
  ]);
}

/** The same of what renews the leases of its ready images. */
export function keeperIds(folder: string): Promise<string[]> {
  return idsOf([`io.reyns.folder=${folder}`, "io.reyns.role=keeper"]);
}

async function idsOf(owners: readonly string[]): Promise<string[]> {
  const words = owners.flatMap((label) => ["--filter", `label=${label}`]);
  return (await must("docker", "ps", "-aq", "--no-trunc", ...words)).split("\n").filter(Boolean);
}

/** Host name -> what the Engine says of its container. */
export async function inspectAll(folder: string): Promise<Map<string, Inspected>> {
  const ids = await containerIds(folder);
  if (ids.length === 0) return new Map();
  // Those that have gone since they were listed are left out.
  const { stdout } = await run(["docker", "inspect", ...ids]);
  const all = JSON.parse(stdout) as Inspected[];
  return new Map(all.map((one) => [one.Config.Hostname, one]));
}

/** Runs a command in an instance as root; resolves to its output. */
export async function execIn(
  folder: string,
  instance: string,
  ...words: readonly string[]
): Promise<string> {
  const [id = "none"] = await containerIds(folder, instance);
  return must("docker", "exec", id, ...words);
}
