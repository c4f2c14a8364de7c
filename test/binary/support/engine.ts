import { inspectContainer, listContainers } from "../../support/engine-api.ts";
import { execInContainer } from "../../support/engine-exec.ts";

/** What the tests look at of `docker inspect`. */
export interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly State: {
    readonly Running: boolean;
    readonly Restarting: boolean;
    readonly StartedAt: string;
  };
  readonly RestartCount: number;
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
    readonly RestartPolicy: { readonly Name: string };
  };
}

/** Ids of a folder's containers, stopped ones too; only those of one instance when it is given. */
export function containerIds(folder: string, instance?: string): Promise<string[]> {
  return listContainers(
    `io.reyns.folder=${folder}`,
    ...(instance === undefined ? [] : [`io.reyns.instance=${instance}`]),
  );
}

/** The same of what renews the leases of its ready images. */
export function keeperIds(folder: string): Promise<string[]> {
  return listContainers(`io.reyns.folder=${folder}`, "io.reyns.role=keeper");
}

/** Host name -> what the Engine says of its container. */
export async function inspectAll(folder: string): Promise<Map<string, Inspected>> {
  const ids = await containerIds(folder);
  // Those that have gone since they were listed are left out.
  const all = await Promise.all(ids.map((id) => inspectContainer<Inspected>(id)));
  return new Map(all.filter((one) => one !== undefined).map((one) => [one.Config.Hostname, one]));
}

/** Host name -> the id of its container, of those that run. */
export async function runningIds(folder: string): Promise<Record<string, string>> {
  const up = [...(await inspectAll(folder))].filter(([, { State }]) => State.Running);
  return Object.fromEntries(up.map(([host, { Id }]) => [host, Id]));
}

/** Name of a container of the service web, without its project -> its restart policy. */
export async function restartPolicies(folder: string): Promise<Record<string, string>> {
  // One of them may be gone by now.
  const all = await Promise.all(
    (await containerIds(folder)).map((id) => inspectContainer<Inspected>(id)),
  );
  return Object.fromEntries(
    all.flatMap((one) => {
      const name = /web-\w+(?:\.previous)?$/.exec(one?.Name ?? "")?.[0];
      return one && name ? [[name, one.HostConfig.RestartPolicy.Name]] : [];
    }),
  );
}

/** Runs a command in an instance as root; resolves to its output. */
export async function execIn(
  folder: string,
  instance: string,
  ...words: readonly string[]
): Promise<string> {
  const [id = "none"] = await containerIds(folder, instance);
  const { status, stdout, stderr } = await execInContainer(id, words);
  if (status !== 0) throw new Error(`${words.join(" ")} in ${instance}: ${stderr || stdout}`);
  return stdout.trim();
}
