// A Compose project that docker-compose and Reyns start one after the other, and what the Engine says of both.
import { findCompose } from "../../../bench/compose.ts";
import { must, run } from "../../engine/support/images-container.ts";

/** Undefined where this machine has no docker-compose: bun bench/run.ts --fetch brings it. */
export const dockerCompose = await findCompose();

/** Calls docker-compose in a folder. */
export function compose(folder: string, ...words: readonly string[]): Promise<string> {
  return must(dockerCompose ?? "docker-compose", "--project-directory", folder, ...words);
}

type Json = Readonly<Record<string, unknown>>;

interface Container {
  readonly Id: string;
  readonly Name: string;
  readonly Config: Json & {
    readonly Env: readonly string[] | null;
    readonly Labels: Readonly<Record<string, string>>;
    readonly Hostname: string;
    readonly Healthcheck?: Json;
  };
  readonly HostConfig: Json;
  readonly Mounts: readonly Readonly<Record<string, string | boolean>>[];
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>>;
  };
}

/** "web 1" -> its container. */
type Containers = ReadonlyMap<string, Container>;

/** The containers of a folder by the labels of whoever has started them. */
export async function containersOf(folder: string, by: "compose" | "reyns"): Promise<Containers> {
  const [owner, service, number] =
    by === "reyns"
      ? ["io.reyns.folder", "io.reyns.service", "io.reyns.instance"]
      : [
          "com.docker.compose.project.working_dir",
          "com.docker.compose.service",
          "com.docker.compose.container-number",
        ];
  const listed = await must("docker", "ps", "-aq", "--filter", `label=${owner}=${folder}`);
  const ids = listed.split("\n").filter(Boolean);
  if (ids.length === 0) return new Map();
  const all = JSON.parse(await must("docker", "inspect", ...ids)) as Container[];
  const named = all.map((container) => {
    const { Labels: labels } = container.Config;
    return [`${labels[service]?.replaceAll("_", "-")} ${labels[number]}`, container] as const;
  });
  return new Map(named.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const configKeys = [
  "Cmd",
  "Domainname",
  "Entrypoint",
  "Image",
  "OpenStdin",
  "StopSignal",
  "StopTimeout",
  "Tty",
  "User",
  "WorkingDir",
];
const hostKeys = [
  "BlkioWeight",
  "CapAdd",
  "CapDrop",
  "CgroupParent",
  "CpuPeriod",
  "CpuQuota",
  "CpuShares",
  "CpusetCpus",
  "DeviceCgroupRules",
  "Devices",
  "Dns",
  "DnsOptions",
  "DnsSearch",
  "ExtraHosts",
  "GroupAdd",
  "Init",
  "IpcMode",
  "LogConfig",
  "Memory",
  "MemoryReservation",
  "MemorySwap",
  "NanoCpus",
  "OomScoreAdj",
  "PidMode",
  "PidsLimit",
  "PortBindings",
  "Privileged",
  "ReadonlyRootfs",
  "RestartPolicy",
  "Runtime",
  "SecurityOpt",
  "ShmSize",
  "Sysctls",
  "Tmpfs",
  "UTSMode",
  "Ulimits",
  "UsernsMode",
];

/** What a container is, whoever has made it: without the names and labels by which its maker finds it again. */
export function describeContainer({ Config, HostConfig, Mounts }: Container): Json {
  return {
    ...pick(Config, configKeys),
    ...pick(HostConfig, hostKeys),
    env: (Config.Env ?? []).filter((line) => !/^(REYNS_|\w+_SERVICE_IP=)/.test(line)).toSorted(),
    labels: Object.entries(Config.Labels)
      .filter(([name]) => !/^(com\.docker\.compose|io\.reyns)\./.test(name))
      .map(([name, value]) => `${name}=${value}`)
      .toSorted(),
    healthcheck: Config.Healthcheck,
    mounts: Mounts.map(({ Type, Name, Source, Destination, RW, Propagation }) => ({
      source: /^[0-9a-f]{64}$|\./.test(String(Name)) ? "unnamed" : (Name ?? Source),
      Type,
      Destination,
      RW,
      Propagation,
    })).toSorted((a, b) => (String(a.Destination) < String(b.Destination) ? -1 : 1)),
  };
}

function pick(given: Json, keys: readonly string[]): Json {
  return Object.fromEntries(keys.map((key) => [key, normal(given[key], key)]));
}

/** Nothing is the same as an empty list; capabilities, limits and lines of /etc/hosts have no order. */
function normal(value: unknown, key: string): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) =>
      typeof item === "string" ? item.replace(/^CAP_/, "") : item,
    );
    if (["CapAdd", "CapDrop", "ExtraHosts", "Ulimits"].includes(key))
      items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    return items.length === 0 ? null : items;
  }
  if (value === undefined || value === "" || value === false) return null;
  if (typeof value !== "object" || value === null) return value;
  return Object.keys(value).length === 0 ? null : value;
}

/** Who finds whom by which name: "web 1 finds db: db 1". */
export async function resolutionsIn(
  containers: Containers,
  names: readonly string[],
): Promise<string[]> {
  const owners = new Map(
    [...containers].flatMap(([key, { NetworkSettings }]) =>
      Object.values(NetworkSettings.Networks).map(({ IPAddress }) => [IPAddress, key] as const),
    ),
  );
  const found = await Promise.all(
    [...containers].map(async ([from, { Id }]) => {
      const { stdout } = await run(["docker", "exec", Id, "sh", "-c", lookupScript, "-", ...names]);
      return stdout.split("\n").flatMap((line) => {
        const [name, ...addresses] = line.split(" ");
        const to = addresses.flatMap((address) => owners.get(address) ?? []).toSorted();
        return to.length === 0 ? [] : [`${from} finds ${name}: ${to.join(", ")}`];
      });
    }),
  );
  return found.flat().toSorted();
}

/** All at once, as a name that leads nowhere takes a while. */
const lookupScript = `for name; do echo $name $(busybox nslookup $name | busybox awk '/^Name:/ { on = 1 } on && /^Address/ { print $NF }') & done; wait`;
