/** A word, and what there is to know of it. */
export type Fact = readonly [word: string, text: string];

/** Variables of the caller's environment that the executable itself looks at. */
export const environment: readonly Fact[] = [
  ["PROJECT_DIR", "The project's folder; else it is looked for from here upwards."],
  ["PROJECT_NAME", "The project's name; else that of reyns.ts, or the folder's."],
  ["DATA_DIR", "Where persistent folders are kept; else data_PROJECT in the project."],
  ["SERVICES_IMAGES_DIR", "Where the services' folders are; else services in the project."],
  ["SERVICE_IP", "This machine's address, on which a DNS and a master publish their ports."],
  ["DNS_SERVICE_IP", "The address of the machine with the DNS."],
  ["DNS_UPDATE_POLICY", "REPLACE, APPEND or HIDE: how an instance stands in the DNS."],
  ["PUBLISH_ON_IP", "The address on which an instance publishes its ports, instead of SERVICE_IP."],
  ["LOAD_TIMEOUT", "Seconds that reyns.ts may take: 60 unless given."],
  ["ENGINE_TIMEOUT", "Seconds that the Engine may be silent: 60 unless given."],
  ["LOG_LEVEL", "DEBUG shows every call to the Engine."],
  [
    "REYNS_TRACE",
    "A file for where the time goes, in Chrome's trace format; see docs/performance.md.",
  ],
  ["DOCKER_HOST, DOCKER_CONTEXT", "Which Engine is used; else the current context of docker."],
  [
    "DOCKER_BUILDKIT",
    "0 builds with the classic builder; else BuildKit builds, where the Engine has it.",
  ],
  ["DOCKER_CONFIG", "Where docker's contexts are; else ~/.docker."],
  [
    "DOCKER_TLS_VERIFY, DOCKER_TLS, DOCKER_CERT_PATH",
    "TLS: with the other side verified, or not; the folder of the certificates.",
  ],
  ["NO_COLOR", "No colours. FORCE_COLOR has them without a terminal, too."],
  ["CI", "Nothing is redrawn, and nothing is asked."],
];

/** What the process ends with. */
export const exitStatuses: readonly Fact[] = [
  ["0", "It is done."],
  ["1", "Something failed."],
  ["2", "The words are wrong, or the project is."],
  ["3", "No Docker Engine answers."],
  ["130", "Ctrl-C, or a question that was not answered."],
];

/** The exceptions to them. */
export const exitNote =
  "ssh and shell end with the status of what ran inside; run interactive=true with that of its shell.";

/** What lies in a project's folder. */
export const files: readonly Fact[] = [
  ["reyns.ts", "The definition."],
  ["NAME.conf", "A conf of an older project, read where reyns.ts has none of that name."],
  ["host.conf", "Values of this machine only, and the conf last run; mode 0600."],
  ["services/NAME/Dockerfile", "How a service's image is built; its comments say what to publish."],
  ["services/NAME/required_env_vars.json", "Names of variables that its instances need."],
  ["services/NAME/prestartup_*.sh", "Runs in an instance before what it is there for."],
  ["services/NAME/no_autobuild", "build all leaves the service out."],
  ["services/NAME_custom/", "Replaces services/NAME/ on this machine."],
  ["data_PROJECT/", "Persistent folders, one for each instance."],
  [".reyns/keys/", "The project's SSH and TSIG keys."],
  [".reyns/", "Types for editors; made when needed, ignored by git."],
];
