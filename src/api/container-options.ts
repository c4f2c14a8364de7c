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
  /** True: gives the container all rights on the host. Default: set by `# reyns: privileged` in the Dockerfile. */
  readonly privileged?: boolean;
  /**
   * `["SOURCE:PATH"]`, `["SOURCE:PATH:ro"]` or `{ SOURCE: "PATH" }`. A source with a `/` is a folder or file
   * relative to the project's folder, any other a named volume of the project. Options are Docker's: `ro`, `rw`, `z`, `Z`,
   * `nocopy` for volumes, `rshared` or `rslave` for folders, separated by commas.
   *
   * @example
   * volumes: ["./site:/srv/site:ro", "cache:/var/cache"]
   */
  readonly volumes?: readonly string[] | Readonly<Record<string, string>>;
  /** Folders in memory: `"/tmp"`, `"/run:size=64m"`, or `{ "/run": "size=64m" }`. */
  readonly tmpfs?: OneOrMore<string> | Readonly<Record<string, string>>;
  /** True: only volumes and tmpfs are writable. Default: false. */
  readonly readOnly?: boolean;
  /** Ports to publish on the host, whatever the instance type. */
  readonly ports?: readonly PortInput[];
  /** Additional lines of `/etc/hosts`: `["NAME:ADDRESS"]` or `{ NAME: "ADDRESS" }`; the address `host-gateway` is the host. */
  readonly extraHosts?: readonly string[] | Readonly<Record<string, string>>;
  /** A check that the Engine repeats. Default: the image's HEALTHCHECK. */
  readonly healthcheck?: HealthcheckOptions;
  /** When the Engine restarts the container after its process has exited. Default: `"no"`. */
  readonly restart?: "no" | "always" | "unless-stopped" | "on-failure" | `on-failure:${number}`;
  /** True: runs an init as process 1, which forwards signals and reaps zombies. Default: false. */
  readonly init?: boolean;
  /** Time to exit after the stop signal at `stop`, `clean` and `rerun`, before it is killed. Default: 10 s. */
  readonly stopGracePeriod?: Period;
  /** Default: the image's, else `"SIGTERM"`. */
  readonly stopSignal?: string;
  /** Limit of CPUs, also fractions: `0.5`. Default: no limit. */
  readonly cpus?: number;
  /** Limit of memory. Default: no limit. */
  readonly memLimit?: Size;
  /** Memory reserved for it when the host runs low. */
  readonly memReservation?: Size;
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
  /** True: allocates a terminal for its output. Default: false. */
  readonly tty?: boolean;
  /** True: keeps standard input open. Default: false. */
  readonly stdinOpen?: boolean;
  /** Labels of the container. Those that begin with `io.reyns.` are reserved. */
  readonly labels?: Readonly<Record<string, string | number | boolean>>;
  /** Options of `docker run` in one string, such as `"--cap-add NET_ADMIN --memory 512m"`. Prefer the fields. */
  readonly extraArgs?: string;
}
