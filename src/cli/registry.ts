import type { ArgsDef, CommandDef } from "citty";
import { quiet } from "./args/common.ts";
import type { Examples } from "./help/help.ts";

/** What the list of commands is divided into, in this order. */
export const topics = {
  begin: "Begin with",
  run: "Build and run",
  look: "See what is there",
  inside: "Get inside",
  project: "The project",
  machine: "This machine",
} as const;

interface Listed {
  readonly summary: string;
  readonly topic: keyof typeof topics;
  readonly aliases?: readonly string[];
  readonly hidden?: never;
  /** Keys that it does not know are for somebody else: they reach it as its `data`. */
  readonly takesAnyKey?: boolean;
  readonly load: () => Promise<Explained>;
}

/** Not in the list of commands: for the executable's own use. */
interface Hidden extends Pick<Listed, "aliases" | "takesAnyKey" | "summary"> {
  readonly hidden: true;
  readonly load: () => Promise<CommandDef>;
}

/** A command with what help shows of it besides. */
export interface Explained extends CommandDef {
  readonly examples: Examples;
}

// oxlint-disable-next-line typescript/no-explicit-any -- each command has its own arguments
type AnyCommand = CommandDef<any>;

function lazy(
  load: () => Promise<{ readonly command: AnyCommand; readonly examples: Examples }>,
): () => Promise<Explained> {
  return async () => {
    const { command, examples } = await load();
    // A command's arguments are an object, never a promise of one.
    const own = command.args as ArgsDef | undefined;
    return { ...command, args: { ...own, quiet }, examples };
  };
}

function lazyHidden(
  load: () => Promise<{ readonly command: AnyCommand }>,
): () => Promise<CommandDef> {
  return async () => (await load()).command;
}

/** Every command by its name, in the order in which a topic lists them; loaded when it is called. */
export const commands: Readonly<Record<string, Listed | Hidden>> = {
  install_demo: {
    topic: "begin",
    summary: "put the demo project into ./reyns-demo",
    aliases: ["instdemo", "install-demo"],
    load: lazy(() => import("./commands/install-demo.ts")),
  },
  create: {
    topic: "begin",
    summary: "make a new project from a template",
    load: lazy(() => import("./commands/create.ts")),
  },
  build: {
    topic: "run",
    summary: "build a service, or all, with what it builds on",
    load: lazy(() => import("./commands/build.ts")),
  },
  run: {
    topic: "run",
    summary: "run an instance, or all of a conf",
    load: lazy(() => import("./commands/run/index.ts")),
  },
  rerun: {
    topic: "run",
    summary: "clean an instance and run it again",
    load: lazy(() => import("./commands/run/rerun.ts")),
  },
  stop: {
    topic: "run",
    summary: "stop running instances",
    aliases: ["_stop"],
    load: lazy(() => import("./commands/stop.ts")),
  },
  start: {
    topic: "run",
    summary: "start stopped instances",
    aliases: ["_start"],
    load: lazy(() => import("./commands/start.ts")),
  },
  clean: {
    topic: "run",
    summary: "stop and remove instances",
    load: lazy(() => import("./commands/clean/index.ts")),
  },
  ps: {
    topic: "look",
    summary: "list the project's instances",
    load: lazy(() => import("./commands/ps.ts")),
  },
  status: {
    topic: "look",
    summary: "list them with the processes inside",
    load: lazy(() => import("./commands/status.ts")),
  },
  info: {
    topic: "look",
    summary: "show all that is known of an instance",
    load: lazy(() => import("./commands/info.ts")),
  },
  getip: {
    topic: "look",
    summary: "print an instance's address",
    aliases: ["ip"],
    load: lazy(() => import("./commands/getip.ts")),
  },
  logs: {
    topic: "look",
    summary: "show the output of instances",
    load: lazy(() => import("./commands/logs.ts")),
  },
  dns: {
    topic: "look",
    summary: "list the names in the DNS, or look one up",
    load: lazy(() => import("./commands/dns/index.ts")),
  },
  ssh: {
    topic: "inside",
    summary: "open an SSH session in an instance, or run a command",
    load: lazy(() => import("./commands/ssh.ts")),
  },
  shell: {
    topic: "inside",
    summary: "the same through the Engine, for any image",
    load: lazy(() => import("./commands/shell.ts")),
  },
  do: {
    topic: "inside",
    summary: "run a task of the project, or list them",
    takesAnyKey: true,
    load: lazy(() => import("./commands/do/index.ts")),
  },
  keys: {
    topic: "project",
    summary: "show the project's keys, carry them to others, renew them",
    load: lazy(() => import("./commands/keys/index.ts")),
  },
  check: {
    topic: "project",
    summary: "say all that is wrong with the project, without an Engine",
    load: lazy(() => import("./commands/check.ts")),
  },
  graph: {
    topic: "project",
    summary: "draw who waits for whom, as a text or a picture",
    load: lazy(() => import("./commands/graph.ts")),
  },
  convert: {
    topic: "project",
    summary: "write the reyns.ts that .conf files amount to",
    load: lazy(() => import("./commands/convert.ts")),
  },
  init: {
    topic: "machine",
    summary: "build the base images on this host",
    load: lazy(() => import("./commands/init.ts")),
  },
  doctor: {
    topic: "machine",
    summary: "say what this machine lacks, and mend it",
    load: lazy(() => import("./commands/doctor/index.ts")),
  },
  completion: {
    topic: "machine",
    summary: "print what completes reyns in a shell",
    load: lazy(() => import("./commands/completion.ts")),
  },
  version: {
    topic: "machine",
    summary: "print the version",
    load: lazy(() => import("./commands/version.ts")),
  },
  upgrade: {
    topic: "machine",
    summary: "replace this executable by the latest release",
    load: lazy(() => import("./commands/upgrade.ts")),
  },
  uninstall: {
    topic: "machine",
    summary: "take out what the installer has put in",
    load: lazy(() => import("./commands/uninstall.ts")),
  },
  help: {
    topic: "machine",
    summary: "list the commands, or explain one",
    load: lazy(() => import("./commands/help.ts")),
  },
  __complete: {
    summary: "answer a shell's completion",
    hidden: true,
    load: lazyHidden(() => import("./commands/internal/complete.ts")),
  },
  __proxy: {
    summary: "carry ssh into a container",
    hidden: true,
    load: lazyHidden(() => import("./commands/internal/proxy.ts")),
  },
};

/** The name under which a command is listed, from any of its names. */
export function commandNamed(word: string): string | undefined {
  if (Object.hasOwn(commands, word)) return word;
  return Object.entries(commands).find(([, { aliases }]) => aliases?.includes(word))?.[0];
}
