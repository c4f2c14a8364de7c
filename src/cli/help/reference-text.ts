/** A name and its explanation. */
export type HelpEntry = readonly [name: string, text: string];

/** Variables of the caller's environment that the executable reads. */
export const environment: readonly HelpEntry[] = [
  ["PROJECT_DIR", "The project folder. Default: the nearest one from the current folder upwards."],
  [
    "PROJECT_NAME",
    "The project's name. Default: the one in reyns.ts, or the name of the folder in which it began.",
  ],
  ["DATA_DIR", "Where persistent folders are kept. Default: data_PROJECT in the project folder."],
  [
    "SERVICES_IMAGES_DIR",
    "Where the service folders are. Default: services in the project folder.",
  ],
  ["REYNS_COPY", "The copy of the project that commands act on. Default: the project itself."],
  ["SERVICE_IP", "This machine's address, on which a DNS and a master publish their ports."],
  ["DNS_SERVICE_IP", "The address of the machine that runs the DNS."],
  ["DNS_UPDATE_POLICY", "REPLACE, APPEND or HIDE: how instances are registered in the DNS."],
  ["PUBLISH_ON_IP", "The address on which instances publish their ports, instead of SERVICE_IP."],
  ["LOAD_TIMEOUT", "Seconds that loading reyns.ts may take. Default: 60."],
  ["ENGINE_TIMEOUT", "Seconds to wait for an answer of the Engine. Default: 60."],
  [
    "COMPOSE_FILE, COMPOSE_PATH_SEPARATOR",
    'The Compose files of a project that has no reyns.ts, and the character between them. Default: ":". Also read from .env.',
  ],
  ["COMPOSE_PROJECT_NAME", "Name of the project that they define. Also read from .env."],
  ["COMPOSE_PROFILES", "Active profiles, separated by commas. Also read from .env."],
  [
    "COMPOSE_ENV_FILES, COMPOSE_DISABLE_ENV_FILE",
    "Files to read instead of .env, separated by commas; 1 ignores .env.",
  ],
  [
    "REYNS_ALLOW",
    "Fields of a Compose file to leave out, which Reyns does not support: pull_policy,cpu_count.",
  ],
  [
    "NETWORK_POOL",
    "Range in which the networks of projects are created, such as 10.64.0.0/16. Default: the first free one in 10.192.0.0/10, 172.16.0.0/12, 192.168.0.0/16. Also read from host.conf.",
  ],
  ["LOG_LEVEL", "DEBUG logs every call to the Engine."],
  [
    "REYNS_TRACE",
    "A file for a trace in Chrome's format, which chrome://tracing and ui.perfetto.dev show.",
  ],
  ["DOCKER_HOST, DOCKER_CONTEXT", "The Engine to connect to. Default: docker's current context."],
  [
    "DOCKER_BUILDKIT",
    "0 selects the classic builder. Default: BuildKit, if the Engine supports it.",
  ],
  ["DOCKER_CONFIG", "The folder of docker's contexts. Default: ~/.docker."],
  [
    "DOCKER_TLS_VERIFY, DOCKER_TLS, DOCKER_CERT_PATH",
    "TLS with or without verifying the Engine's certificate, and the folder of the certificates.",
  ],
  ["SSH_AUTH_SOCK", 'The ssh agent that a build with ssh: "default" forwards.'],
  ["NO_COLOR", "Disables colors; FORCE_COLOR enables them without a terminal."],
  ["CI", "Disables redrawing and prompts."],
];

export const exitStatuses: readonly HelpEntry[] = [
  ["0", "Success."],
  ["1", "Something failed."],
  ["2", "Invalid arguments, or an invalid project."],
  ["3", "No Docker Engine is reachable."],
  ["4", "plan exit_code=true: there is something to do."],
  ["130", "Interrupted by Ctrl-C, also at a prompt."],
];

/** The exceptions to the exit statuses. */
export const exitNote =
  "ssh, shell, exec, and run with a command return the exit status of the command they run; run interactive=true returns that of its shell; wait and exit_code_from= return that of the instance.";

/** Files in a project folder. */
export const files: readonly HelpEntry[] = [
  ["reyns.ts", "The definition of the project."],
  ["compose.yaml", "The definition where there is no reyns.ts and no conf, with .env beside it."],
  ["NAME.conf", "A conf of an older project, used if reyns.ts defines none of that name."],
  ["host.conf", "Values for this machine only, and the conf that ran last; mode 0600."],
  [
    "services/NAME/Dockerfile",
    "Builds the image of a service; comments in it set the ports to publish.",
  ],
  ["services/NAME/required_env_vars.json", "Names of the variables that its instances need."],
  ["services/NAME/prestartup_*.sh", "Runs in an instance before its command."],
  ["services/NAME/no_autobuild", "Excludes the service from build all."],
  ["services/NAME_custom/", "Replaces services/NAME/ on this machine."],
  ["data_PROJECT/", "Persistent folders, one for each instance; those of copies in .copies/NAME/."],
  [".reyns/keys/", "The project's SSH and TSIG keys."],
  [".reyns/receipts/", "Signed receipts of tests that passed."],
  [".reyns/loaded.json", "What load has put into the folder."],
  [".reyns/joins.json", "What nodes join has begun, until the swarm says whose its members are."],
  [
    ".reyns/failed/",
    "For each instance, the log of its last new version that failed, until clean; mode 0600.",
  ],
  [".reyns/copies/NAME/", "Lock, versions, failed logs, lifetime and host.conf of a copy."],
  [".reyns/", "Types for editors; generated, and ignored by git."],
];
