import type { BlkioOptions, GpuOptions } from "./device-options.ts";
import type { FileInput, SecretInput } from "./files.ts";
import type { NetworkInput, NetworkModeInput } from "./network.ts";
import type { MountInput, VolumesFromInput } from "./mount-options.ts";
import type { OneOrMore, Period, PortInput, Size } from "./option-values.ts";

/**
 * A check that the Engine repeats inside the container. Without `ready`, the instance is ready when it is healthy.
 *
 * @see https://docs.docker.com/reference/compose-file/services/#healthcheck
 */
export interface HealthcheckOptions {
  /** A line for the shell, or a list of arguments; exit status 0 means healthy. Default: the image's check. */
  readonly test?: string | readonly string[];
  /** Time between two checks. Default: 30 s. */
  readonly interval?: Period;
  /** Time limit of one check. Default: 30 s. */
  readonly timeout?: Period;
  /** Time after the start during which failures do not count. Default: 0. */
  readonly startPeriod?: Period;
  /** Time between two checks during `startPeriod`. Default: 5 s. Needs Docker 25. */
  readonly startInterval?: Period;
  /** Consecutive failures until it is unhealthy. Default: 3. */
  readonly retries?: number;
  /** True: disables the image's check. */
  readonly disable?: boolean;
}

/**
 * Settings of the container. The names are Compose's, in camelCase.
 *
 * @see https://docs.docker.com/reference/compose-file/services/
 */
export interface ContainerOptions {
  /**
   * Replaces the image's CMD: a line for the shell, or a list of arguments.
   *
   * @example
   * command: ["postgres", "-c", "log_statement=all"]
   */
  readonly command?: string | readonly string[];
  /** Replaces the image's ENTRYPOINT. An image based on reyns/reyns-base then skips its prestartup scripts. */
  readonly entrypoint?: string | readonly string[];
  /** Name or number of the user, or `"USER:GROUP"`. Default: the image's. */
  readonly user?: string | number;
  /** The working directory, an absolute path. Default: the image's. */
  readonly workingDir?: string;
  /** Default: SERVICE-INSTANCE. */
  readonly hostname?: string;
  /** The domain of the host name. */
  readonly domainname?: string;
  /** Default: made by the Engine. */
  readonly macAddress?: string;
  /** True: gives the container all rights on the host. Default: set by `# reyns: privileged` in the Dockerfile. */
  readonly privileged?: boolean;
  /**
   * `["SOURCE:PATH"]`, `["SOURCE:PATH:ro"]`, `{ SOURCE: "PATH" }`, or mounts in parts. A source with a `/` is a folder or
   * file relative to the project's folder, any other a named volume; `~` is your home, and a path alone is a volume
   * without a name. Options are Docker's: `ro`, `rw`, `z`, `Z`, `nocopy` for volumes, `rshared` or `rslave` for folders,
   * separated by commas. When a file of the project that is mounted with `ro` changes, `reyns run` replaces the instance.
   *
   * @example
   * volumes: ["./site:/srv/site:ro", "cache:/var/cache", { type: "tmpfs", target: "/run", tmpfs: { size: "64m" } }]
   */
  readonly volumes?: readonly MountInput[] | Readonly<Record<string, string>>;
  /**
   * Also mounts the volumes and folders of these instances, and the volumes that their images declare, at the same paths.
   * Entries in `volumes` take precedence. The instance starts after them. Handles or names of services, with `:ro` to read
   * only.
   *
   * @example
   * volumesFrom: [db, "cache:ro", { from: files, readOnly: true }]
   */
  readonly volumesFrom?: readonly VolumesFromInput[];
  /** Folders in memory: `"/tmp"`, `"/run:size=64m"`, or `{ "/run": "size=64m" }`. */
  readonly tmpfs?: OneOrMore<string> | Readonly<Record<string, string>>;
  /**
   * Files that are copied into the container before it starts: path -> content, or `file("./PATH")`. Their folders are
   * made. With `readOnly`, the folder of each is a volume of the container's own.
   *
   * @example
   * files: { "/etc/app.conf": "debug = true", "/etc/app.key": file("./app.key", { mode: 0o600, uid: 1000 }) }
   */
  readonly files?: Readonly<Record<string, FileInput>>;
  /**
   * Secrets that the container finds as files in `/run/secrets`: name -> `file("./PATH")`, `required()`, or a text.
   *
   * @example
   * secrets: { db_password: file("./db_password.txt"), token: { environment: "API_TOKEN", mode: 0o400, uid: 1000 } }
   */
  readonly secrets?: Readonly<Record<string, SecretInput>>;
  /** True: only volumes and tmpfs are writable. Default: false. */
  readonly readOnly?: boolean;
  /** Ports to publish on the host, whatever the instance type. */
  readonly ports?: readonly PortInput[];
  /**
   * Networks that it is in, and no others: `"default"`, the project's own, and those that `network()` declares.
   * Default: `["default"]`.
   *
   * @example
   * networks: ["default", { network: "proxy", aliases: ["shop"] }]
   */
  readonly networks?: readonly NetworkInput[];
  /**
   * Instead of `networks`: `"host"`, the host's network, as `nethost`; `"none"`, no network at all; or the network of
   * another instance, with its addresses, names and published ports: its handle, or `"service:NAME"`. A container that is
   * not the project's is `"container:NAME"`.
   *
   * @example
   * networkMode: vpn
   */
  readonly networkMode?: NetworkModeInput;
  /** Additional lines of `/etc/hosts`: `["NAME:ADDRESS"]` or `{ NAME: "ADDRESS" }`; the address `host-gateway` is the host. */
  readonly extraHosts?: readonly string[] | Readonly<Record<string, string>>;
  /** Addresses of its DNS servers. Default: the project's DNS, else the Engine's resolver, which forwards to these. */
  readonly dns?: OneOrMore<string>;
  /** Domains in which short names are looked up. Default: the zone of the project's DNS. */
  readonly dnsSearch?: OneOrMore<string>;
  /** Options of the resolver (resolv.conf(5)), such as `"ndots:1"`. */
  readonly dnsOpt?: readonly string[];
  /**
   * A check that the Engine repeats. Without `ready`, the instance is ready when it passes, after its prestartup scripts.
   * Default: the image's HEALTHCHECK, which images based on `reyns/reyns-base` do not wait for.
   */
  readonly healthcheck?: HealthcheckOptions;
  /**
   * When the Engine restarts the container after its process has exited. Default: `"no"`; of `dns()` and `router()`
   * `"unless-stopped"`.
   */
  readonly restart?: "no" | "always" | "unless-stopped" | "on-failure" | `on-failure:${number}`;
  /** True: runs an init as process 1, which forwards signals and reaps zombies. Default: false. */
  readonly init?: boolean;
  /** Time to exit after the stop signal at `stop`, `clean` and `rerun`, before it is killed. Default: 10 s. */
  readonly stopGracePeriod?: Period;
  /** Default: the image's, else `"SIGTERM"`. */
  readonly stopSignal?: string;
  /** Limit of CPUs, also fractions: `0.5`. Default: no limit. */
  readonly cpus?: number;
  /** Its share of the CPU time when the host is busy, 2 to 262144. Default: 1024. */
  readonly cpuShares?: number;
  /** The CPUs that it may use: `"0-3"`, `"0,2"`. Default: all. */
  readonly cpuset?: string;
  /** CPU time within each `cpuPeriod`; a number is microseconds, else `"50ms"`. `cpus` sets both. */
  readonly cpuQuota?: Period;
  /** Period of `cpuQuota`; a number is microseconds. Default: `"100ms"`. */
  readonly cpuPeriod?: Period;
  /** CPU time for real-time tasks within each `cpuRtPeriod`; a number is microseconds. */
  readonly cpuRtRuntime?: Period;
  /** Period of `cpuRtRuntime`; a number is microseconds. */
  readonly cpuRtPeriod?: Period;
  /** Limit of memory, at least 6 MB. Default: no limit. */
  readonly memLimit?: Size;
  /** Memory reserved for it when the host runs low, at least 6 MB and at most `memLimit`. */
  readonly memReservation?: Size;
  /** Limit of memory and swap together; -1: no limit of swap. Default: twice `memLimit`. */
  readonly memswapLimit?: Size;
  /** How readily its memory is swapped out, 0 to 100. Cgroup v1 only. */
  readonly memSwappiness?: number;
  /** How readily the kernel kills it when memory runs out, -1000 to 1000. Default: 0. */
  readonly oomScoreAdj?: number;
  /** True: the kernel does not kill it when it exceeds `memLimit`. Cgroup v1 only. Default: false. */
  readonly oomKillDisable?: boolean;
  /** Limit of processes and threads; -1: no limit. */
  readonly pidsLimit?: number;
  /** Size of `/dev/shm`. Default: 64m. */
  readonly shmSize?: Size;
  /**
   * Resource limits, soft and hard; a number sets both.
   *
   * @example
   * ulimits: { nofile: 65536, nproc: { soft: 1024, hard: 2048 } }
   */
  readonly ulimits?: Readonly<
    Record<string, number | { readonly soft: number; readonly hard: number }>
  >;
  /** Capabilities to add, such as `"NET_ADMIN"`. */
  readonly capAdd?: readonly string[];
  /** Capabilities to drop, such as `"ALL"`. */
  readonly capDrop?: readonly string[];
  /** Devices of the host: `"HOST[:CONTAINER[:rwm]]"`. */
  readonly devices?: readonly string[];
  /** Rules of the device cgroup, such as `"c 1:3 mr"`. */
  readonly deviceCgroupRules?: readonly string[];
  /** GPUs of the host: `"all"`, or requests to a device driver. */
  readonly gpus?: "all" | readonly GpuOptions[];
  /** Limits of reading from and writing to block devices. */
  readonly blkioConfig?: BlkioOptions;
  /** Options of the storage driver, such as `{ size: "1G" }`. */
  readonly storageOpt?: Readonly<Record<string, string | number>>;
  /** Additional groups of the user, by name or number. */
  readonly groupAdd?: readonly (string | number)[];
  /** Security options, such as `"no-new-privileges"`. */
  readonly securityOpt?: readonly string[];
  /** Kernel parameters, such as `{ "net.core.somaxconn": 1024 }`. */
  readonly sysctls?: Readonly<Record<string, string | number>>;
  /** Logging driver and its options. Default: the Engine's. */
  readonly logging?: {
    readonly driver?: string;
    readonly options?: Readonly<Record<string, string | number>>;
  };
  /** IPC namespace: `"host"`, `"private"`, `"shareable"`, … */
  readonly ipc?: string;
  /** PID namespace; `"host"`: sees the processes of the host. */
  readonly pid?: string;
  /** UTS namespace; `"host"`: has the host's name, and no `hostname` of its own. */
  readonly uts?: "host";
  /** User namespace; `"host"`: none of its own where the Engine remaps users. */
  readonly usernsMode?: string;
  /** Cgroup namespace: `"host"` or `"private"`. Default: the Engine's. */
  readonly cgroup?: "host" | "private";
  /** The cgroup to put its own one in. */
  readonly cgroupParent?: string;
  /**
   * The platform of its image, such as `"linux/amd64"`, for `image` and `build`. Others than the Engine's own need
   * emulation on its machine. Default: the Engine's.
   */
  readonly platform?: string;
  /** The OCI runtime, such as `"nvidia"` or `"runsc"`. Default: the Engine's. */
  readonly runtime?: string;
  /** Annotations for the OCI runtime. Need Docker 24. */
  readonly annotations?: Readonly<Record<string, string | number | boolean>>;
  /** True: allocates a terminal for its output. Default: false. */
  readonly tty?: boolean;
  /** True: keeps standard input open. Default: false. */
  readonly stdinOpen?: boolean;
  /** Labels of the container. Those that begin with `io.reyns.` are reserved. */
  readonly labels?: Readonly<Record<string, string | number | boolean>>;
  /** Options of `docker run` in one string, such as `"--cap-add NET_ADMIN --memory 512m"`. Prefer the fields. */
  readonly extraArgs?: string;
}
