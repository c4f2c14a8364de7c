import type Docker from "dockerode";
import { splitOnce } from "../../lib/split-once.ts";
import type { ContainerFields } from "../../model/fields.ts";
import { imageVolumeNameOf } from "../../model/resource-names.ts";
import { readAnswer } from "../client/answers.ts";
import type { Engine } from "../client/engine.ts";
import { requestIfExists } from "../client/request.ts";

/**
 * The fields of an existing container, as text.
 *
 * @returns undefined when there is no such container
 */
export async function inspectFields(
  engine: Engine,
  id: string,
): Promise<ContainerFields | undefined> {
  const path = `/containers/${id}/json`;
  const info = await requestIfExists<Docker.ContainerInspectInfo>(engine, { method: "GET", path });
  return (
    info &&
    readAnswer(engine, info, (details) => ({
      ...configFields(details),
      ...hostConfigFields(details.HostConfig),
      ...envFields(details),
    }))
  );
}

function configFields({
  Name: name,
  Config,
  Mounts,
  HostConfig,
}: Docker.ContainerInspectInfo): ContainerFields {
  const { StopTimeout } = Config as { readonly StopTimeout?: number };
  return {
    image: Config.Image,
    command: (Config.Cmd ?? []).join(" ") || undefined,
    entrypoint: [Config.Entrypoint ?? []].flat().join(" ") || undefined,
    hostname: Config.Hostname,
    user: Config.User || undefined,
    workingDir: Config.WorkingDir || undefined,
    stopSignal: (Config as { readonly StopSignal?: string }).StopSignal || undefined,
    stopGracePeriod: StopTimeout === undefined ? undefined : `${StopTimeout}s`,
    healthcheck: (Config.Healthcheck?.Test ?? []).join(" ") || undefined,
    mounts: Mounts.filter((mount) => !isOfImage(mount, name.slice(1))).map(
      ({ Type, Name, Source, Destination, RW }) =>
        `${Type === "volume" ? (Name ?? "") : Source}:${Destination}${RW ? "" : ":ro"}`,
    ),
    ports: Object.entries((HostConfig.PortBindings ?? {}) as Docker.PortMap).flatMap(
      ([inside, bindings]) =>
        bindings.map(({ HostIp = "", HostPort = "" }) =>
          portText({ ip: HostIp, host: HostPort, inside }),
        ),
    ),
    links: HostConfig.ExtraHosts ?? [],
  };
}

/** Whether a volume comes from the image: no definition mentions it, and the next container gets it, too. */
function isOfImage(
  { Type, Name = "", Destination }: Docker.ContainerInspectInfo["Mounts"][number],
  container: string,
): boolean {
  if (Type !== "volume") return false;
  return Name === imageVolumeNameOf(container, Destination) || /^[0-9a-f]{64}$/.test(Name);
}

/** `127.0.0.1:8080:80/tcp` */
function portText(port: {
  readonly ip: string;
  readonly host: number | string;
  readonly inside: string;
}): string {
  const ip = port.ip.includes(":") ? `[${port.ip}]` : port.ip;
  return `${ip === "" ? "" : `${ip}:`}${port.host || "free"}:${port.inside}`;
}

function hostConfigFields(config: Docker.HostConfig): ContainerFields {
  const { RestartPolicy: restart } = config;
  const retries = restart?.MaximumRetryCount ? `:${restart.MaximumRetryCount}` : "";
  return {
    dns: config.Dns ?? [],
    privileged: config.Privileged ? "true" : undefined,
    restart: restart?.Name ? `${restart.Name}${retries}` : undefined,
    memLimit: count(config.Memory),
    memReservation: count(config.MemoryReservation),
    shmSize: count(config.ShmSize),
    cpus: config.NanoCpus ? String(config.NanoCpus / 1e9) : undefined,
    pidsLimit: count(config.PidsLimit),
    init: config.Init ? "true" : undefined,
    readOnly: config.ReadonlyRootfs ? "true" : undefined,
    ipc: config.IpcMode || undefined,
    pid: config.PidMode || undefined,
    capAdd: config.CapAdd ?? [],
    capDrop: config.CapDrop ?? [],
    securityOpt: config.SecurityOpt ?? [],
    groupAdd: config.GroupAdd ?? [],
    sysctls: pairs(config.Sysctls),
    tmpfs: pairs(config.Tmpfs),
    logDriver: config.LogConfig?.Type || undefined,
    logOptions: pairs(config.LogConfig?.Config),
  };
}

function envFields({ Config }: Docker.ContainerInspectInfo): ContainerFields {
  return Object.fromEntries(
    (Config.Env ?? []).map((line) => {
      const [name, value] = splitOnce(line, "=");
      return [`env ${name}`, value];
    }),
  );
}

function count(value: number | null | undefined): string | undefined {
  return value ? String(value) : undefined;
}

function pairs(record: Readonly<Record<string, string>> | null | undefined): string[] {
  return Object.entries(record ?? {}).map(([name, value]) => `${name}=${value}`);
}
