/** Docker Compose's options of one command -> the keys that mean the same; none where it changes nothing here. */
type SameKeys = Readonly<Record<string, readonly string[]>>;

/** By command. `option=value` is one with this value; `--option` is not the key of that name. */
export const sameKeys: Readonly<Record<string, SameKeys>> = {
  build: {
    "no-cache": ["cache=false"],
    ...{ "progress=plain": ["verbose"], "progress=quiet": ["quiet"] },
    ...{ "progress=auto": [], "progress=tty": [], "progress=rawjson": ["verbose"] },
    ...{ "with-dependencies": [], parallel: [], compress: [], "force-rm": [] },
  },
  cp: { all: [] },
  down: { v: ["data"], volumes: ["data"], "remove-orphans": [], "rmi=local": ["images"] },
  logs: { "no-log-prefix": ["prefix=false"], "no-color": [] },
  ls: { a: [], all: [] },
  ps: { orphans: [] },
  pull: { "ignore-buildable": [], "policy=always": [] },
  restart: { "no-deps": [] },
  rm: { s: ["stopped=false"], stop: ["stopped=false"], f: ["force"] },
  start: { "--wait": [] },
  stats: { "no-stream": [], "no-trunc": [], a: [], all: [] },
  up: {
    ...{ d: [], detach: [], "--wait": [], "quiet-pull": [], "quiet-build": [] },
    ...{ "menu=false": [], "no-color": [] },
    build: ["build"],
    "no-build": ["build=false"],
    "force-recreate": ["recreate"],
    "no-recreate": ["keep"],
    ...{ "remove-orphans": ["prune"], "no-deps": ["deps=false"], y: ["yes"] },
    ...{ "pull=always": ["pull"], "pull=missing": [], "pull=policy": [] },
  },
};

/** Compose's keys with a value, in commands where they are called otherwise. */
export const renamedKeys: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  logs: { index: "instance" },
  port: { index: "instance" },
  start: { "wait-timeout": "timeout" },
  up: { "wait-timeout": "timeout", "--timeout": "stop-timeout" },
};

/** The short options of commands, which may stand together: `-ft`. One with a colon takes a value: `-n100`. */
export const shortOptions: Readonly<Record<string, string>> = {
  build: "qm:",
  cp: "aL",
  down: "vt:",
  kill: "s:",
  logs: "ftn:",
  ls: "aq",
  ps: "aq",
  restart: "t:",
  rm: "fsv",
  stop: "t:",
  up: "dVwyt:",
};

/** Options of Docker and Compose that do not exist here -> what to do instead. */
const replacements: Readonly<Record<string, string>> = {
  build: "build first: reyns build SERVICE; with run, write build=true",
  d: "not needed: run always detaches, and instances keep running when reyns exits",
  detach: "not needed: run always detaches, and instances keep running when reyns exits",
  "dry-run": "to see what run would do: reyns plan",
  e: "set variables in the environment (NAME=value reyns …), in host.conf, or as env in reyns.ts",
  env: "set variables in the environment (NAME=value reyns …), in host.conf, or as env in reyns.ts",
  "env-file": "name the file in reyns.ts: envFile",
  format: "write json: it is the only format beside the default, and templates are not accepted",
  file: "for a Compose file, before the command: reyns -f FILE COMMAND; reyns.ts is searched for from this folder upwards",
  "force-recreate": "to replace instances that have not changed: reyns rerun SERVICE",
  i: "not needed: the terminal is attached when there is one",
  index: "name the instance after the service: reyns shell SERVICE INSTANCE -- COMMAND",
  it: "not needed: the terminal is attached when there is one",
  name: "the instance's name is the second argument: reyns run SERVICE INSTANCE",
  "no-cache": "write cache=false",
  "no-deps": "write deps=false",
  "no-recreate": "write keep=true",
  "project-name": "set PROJECT_NAME in the environment, or project() in reyns.ts",
  publish: 'publish ports in the definition: ports: ["8080:80"]',
  pull: "pull first: reyns pull SERVICE; with run, write pull=true",
  "remove-orphans": "write prune=true",
  rm: "not needed: the container of reyns run SERVICE -- COMMAND is removed at its end",
  scale:
    "write it into the definition: scale: 3 at the service in compose.yaml, or service() in a loop in reyns.ts, each with its own instance name",
  T: "not needed: the terminal is attached when there is one",
};

const runDetach =
  "leave it out: run always detaches, and instances keep running when reyns exits (one more of them: reyns run SERVICE new=true); only a command in a fresh container stays attached until it ends";
const runExtra =
  'for a command in a fresh container: reyns run --rm -v SOURCE:PATH -p 8080:80 SERVICE COMMAND; for an instance, write extra_args="-v SOURCE:PATH"';

const chooseOutput =
  "leave it out, and name each service whose output to show: reyns up --attach web --attach api; afterwards: reyns logs SERVICE follow";
const outputForm =
  "leave it out: it is for reyns logs SERVICE follow, with prefix=false or timestamps, which shows the output after reyns up -d";
const noWatch = 'not available: mount the files: volumes: ["./src:/app/src"]';
const engineBuilds =
  "leave it out: the Engine builds; DOCKER_HOST or DOCKER_CONTEXT choose another one";
const needsRegistry = "not available, as it needs a registry: docker buildx build --push";
const inJson = "not available: reyns config json has it in each instance";
const asRun = "leave it out: config always shows what a run would start";
const asVariable =
  "not available: reyns convert writes each variable as variable() or required(), reyns convert check shows them";
const nameAll = "leave it out, and name them, or all: reyns pull web db";
const noCreate =
  "not available: reyns create makes a new project, and an instance is created when it starts: reyns up -d; what would be: reyns plan";

/** Options that mean something else in another command: `COMMAND OPTION` -> what to do instead. */
const ofCommand: Readonly<Record<string, string>> = {
  "build builder": engineBuilds,
  "build check": "not available: docker build --check FOLDER",
  "build m": engineBuilds,
  "build memory": engineBuilds,
  "build print": "not available: reyns config SERVICE shows what is built",
  "build provenance": needsRegistry,
  "build push": "push afterwards: reyns push SERVICE",
  "build sbom": needsRegistry,
  "build ssh":
    'write it into the definition: ssh: [default] at build in compose.yaml, build: { ssh: ["default"] } in reyns.ts',
  "clean rmi":
    "write images=true, as --rmi local does, for those that were built here; for others: docker image rm",
  "clean v":
    "write data=true, which removes named volumes, too; as rm -v does: reyns clean SERVICE stopped=true data=true",
  "clean volumes": "write data=true",
  "config environment": inJson,
  "config lock-image-digests": "write IMAGE@sha256:… as the image",
  "config models": inJson,
  "config no-consistency": asRun,
  "config no-env-resolution": asRun,
  "config no-interpolate": asVariable,
  "config no-normalize": asRun,
  "config no-path-resolution": asRun,
  "config o": "redirect the output: reyns config > FILE",
  "config output": "redirect the output: reyns config > FILE",
  "config profiles": inJson,
  "config resolve-image-digests": "write IMAGE@sha256:… as the image",
  "config variables": asVariable,
  ...Object.fromEntries(
    [
      ...["build", "force-recreate", "no-build", "no-recreate", "pull", "quiet-pull"],
      ...["remove-orphans", "scale"],
    ].map((option) => [`create ${option}`, noCreate]),
  ),
  "kill remove-orphans": "to remove what is no longer defined: reyns clean orphans=true",
  "ls filter": "not available: reyns ls json has all projects for a script",
  "port protocol": "write it after the port: reyns port web 53/udp",
  "ps filter": "only status is known: reyns ps state=running",
  "ps no-trunc": "write json: nothing is shortened there",
  "ps orphans": "leave it out: to remove what is no longer defined, reyns clean orphans=true",
  "pull ignore-pull-failures":
    "leave it out: a pull that fails leaves the former image, and the exit status is 1",
  "pull include-deps": nameAll,
  "pull policy": "for what is missing, leave it to the run: reyns up -d",
  "push ignore-push-failures": "leave it out: the exit status is 1 if a push fails",
  "push include-deps": nameAll.replace("pull", "push"),
  "run abort-on-container-failure": "write abort_on_exit: the first one that ends stops all",
  "run always-recreate-deps":
    "leave it out: what has changed is replaced anyway; to replace one service: reyns rerun SERVICE",
  "run attach-dependencies": chooseOutput,
  "run d": runDetach,
  "run detach": runDetach,
  "run env-from-file": "give them one by one: -e NAME=VALUE, or env_file in the definition",
  "run label": runExtra,
  "run menu": "leave it out: there is no menu",
  "run name":
    "leave it out: a container for one command has a name of its own, and is removed at its end; an instance's name is the second argument",
  "run no-attach": chooseOutput,
  "run no-log-prefix": outputForm,
  "run no-start": noCreate,
  "run p": runExtra,
  "run publish": runExtra,
  "run renew-anon-volumes":
    "leave it out; to begin without what volumes hold: reyns clean SERVICE data=true, then reyns up",
  "run timestamps": outputForm,
  "run use-aliases":
    "leave it out: the container of a command answers to no name of its service, which may be running",
  "run v": runExtra,
  "run volume": runExtra,
  "run V": "leave it out; to begin without what volumes hold: reyns clean SERVICE data=true",
  "run c": "write the command after \"--\": reyns run SERVICE -- sh -c 'LINE'",
  "run w": noWatch,
  "run watch": noWatch,
  "wait down-project": "afterwards: reyns down",
};

/** Those whose value is the next argument, whatever it looks like: `--scale web=3`. */
const withValue = new Set([
  ...["e", "entrypoint", "env", "env-file", "file", "index", "label", "name", "publish", "scale"],
  ...["builder", "env-from-file", "filter", "memory", "output", "policy", "protocol", "ssh"],
  ...["no-attach", "provenance", "sbom", "volume"],
]);

export function takesDockerValue(key: string): boolean {
  return withValue.has(key.replaceAll("_", "-"));
}

/** @param command the command that was called with this key */
export function suggestForDockerOption(key: string, command: string): string | undefined {
  const option = key.replaceAll("_", "-");
  const ofThis = `${command} ${option}`;
  if (Object.hasOwn(ofCommand, ofThis)) return ofCommand[ofThis];
  return Object.hasOwn(replacements, option) ? replacements[option] : undefined;
}
