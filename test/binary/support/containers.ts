import { inspectContainer } from "../../support/engine-api.ts";
import { containerIds } from "./engine.ts";

/** What the Engine says of a container, as far as the properties of an instance end up in it. */
export interface Details {
  readonly Id: string;
  readonly State: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly StartedAt: string;
  };
  readonly Config: {
    readonly Env: readonly string[];
    readonly Hostname: string;
    readonly Cmd: readonly string[] | null;
    readonly Labels: Readonly<Record<string, string>>;
  };
  readonly HostConfig: {
    readonly NetworkMode: string;
    readonly Privileged: boolean;
    readonly AutoRemove: boolean;
    readonly ExtraHosts: readonly string[] | null;
    readonly PortBindings: Readonly<Record<string, readonly Binding[]>> | null;
    readonly CapAdd: readonly string[] | null;
    readonly Memory: number;
    readonly ShmSize: number;
    readonly Ulimits: readonly { Name: string; Soft: number; Hard: number }[] | null;
    readonly Tmpfs: Readonly<Record<string, string>> | null;
    readonly RestartPolicy: { readonly Name: string; readonly MaximumRetryCount: number };
  };
  readonly Mounts: readonly Mount[];
}

interface Mount {
  readonly Type: string;
  /** Only a volume has one. */
  readonly Name?: string;
  readonly Source: string;
  readonly Destination: string;
  readonly RW: boolean;
}

interface Binding {
  readonly HostIp: string;
  readonly HostPort: string;
}

/** The one container of a project's instance. */
export async function detailsOf(folder: string, instance: string): Promise<Details> {
  const [id = "none"] = await containerIds(folder, instance);
  const details = await inspectContainer<Details>(id);
  if (!details) throw new Error(`no container of ${instance}`);
  return details;
}

/** Environment of a container by name; those that a test does not care for are left in. */
export function variablesOf({
  Config,
}: {
  readonly Config: Pick<Details["Config"], "Env">;
}): Record<string, string> {
  return Object.fromEntries(
    Config.Env.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

/** `ADDRESS:HOST->CONTAINER/PROTOCOL` of every port that it publishes, sorted. */
export function publishedBy({ HostConfig }: Details): string[] {
  return Object.entries(HostConfig.PortBindings ?? {})
    .flatMap(([port, all]) => all.map((one) => `${one.HostIp}:${one.HostPort}->${port}`))
    .toSorted();
}

/** Where the host's or the Engine's storage is mounted in it; the project's keys are left out. */
export function mountedIn({ Mounts }: Details): string[] {
  return Mounts.map(({ Destination }) => Destination)
    .filter((path) => !path.startsWith("/etc/reyns/keys/"))
    .toSorted();
}
