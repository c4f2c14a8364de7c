/** Options of Docker and Compose that do not exist here -> what to do instead. */
const replacements: Readonly<Record<string, string>> = {
  build: "build first: reyns build SERVICE; with run, write build=true",
  d: "not needed: run always detaches, and instances keep running when reyns exits",
  detach: "not needed: run always detaches, and instances keep running when reyns exits",
  "dry-run": "to see what run would do: reyns plan",
  e: "set variables in the environment (NAME=value reyns …), in host.conf, or as env in reyns.ts",
  env: "set variables in the environment (NAME=value reyns …), in host.conf, or as env in reyns.ts",
  "env-file": "name the file in reyns.ts: envFile",
  format: "write json",
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
  "leave it out: run always detaches, and instances keep running when reyns exits; only a command in a fresh container stays attached until it ends";
const runExtra =
  'for a command in a fresh container: reyns run --rm -v SOURCE:PATH -p 8080:80 SERVICE COMMAND; for an instance, write extra_args="-v SOURCE:PATH"';

/** Options that mean something else in another command: `COMMAND OPTION` -> what to do instead. */
const ofCommand: Readonly<Record<string, string>> = {
  "build pull": "write pull: true in build: it pulls the base images before each build",
  "clean rmi": "write images=true",
  "clean v":
    "write data=true, which removes named volumes, too; as rm -v does: reyns clean SERVICE stopped=true data=true",
  "clean volumes": "write data=true",
  "cp index": "name the instance after the service: reyns cp SERVICE/INSTANCE:PATH .",
  "run d": runDetach,
  "run detach": runDetach,
  "run entrypoint":
    "not available for one run: define a service with that entrypoint, and the same image",
  "run label": runExtra,
  "run name":
    "leave it out: a container for one command has a name of its own, and is removed at its end; an instance's name is the second argument",
  "run p": runExtra,
  "run publish": runExtra,
  "run v": runExtra,
  "run volume": runExtra,
  "run c": "write the command after \"--\": reyns run SERVICE -- sh -c 'LINE'",
};

/** Those whose value is the next argument, whatever it looks like: `--scale web=3`. */
const withValue = new Set([
  ...["e", "entrypoint", "env", "env-file", "file", "index", "label", "name", "publish", "scale"],
  "volume",
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
