import type { CommandDef } from "citty";

interface Listed {
  readonly summary: string;
  readonly aliases?: readonly string[];
  /** Not in the list of commands: for the executable's own use. */
  readonly hidden?: boolean;
  /** Keys that it does not know are for somebody else: they reach it as its `data`. */
  readonly takesAnyKey?: boolean;
  readonly load: () => Promise<CommandDef>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- each command has its own arguments
type AnyCommand = CommandDef<any>;

function lazy(load: () => Promise<{ readonly command: AnyCommand }>): () => Promise<CommandDef> {
  return async () => (await load()).command;
}

/** Every command by its name, in the order in which they are listed; loaded when it is called. */
export const commands: Readonly<Record<string, Listed>> = {
  install_demo: {
    summary: "put the demo project into ./reyns-demo",
    aliases: ["instdemo", "install-demo"],
    load: lazy(() => import("./install-demo.ts")),
  },
  create: {
    summary: "make a new project from a template",
    load: lazy(() => import("./create.ts")),
  },
  init: { summary: "build the base images on this host", load: lazy(() => import("./init.ts")) },
  build: {
    summary: "build a service, or all, with what it builds on",
    load: lazy(() => import("./build.ts")),
  },
  run: { summary: "run an instance, or all of a conf", load: lazy(() => import("./run.ts")) },
  rerun: { summary: "clean an instance and run it again", load: lazy(() => import("./rerun.ts")) },
  ps: { summary: "list the project's instances", load: lazy(() => import("./ps.ts")) },
  status: {
    summary: "list them with the processes inside",
    load: lazy(() => import("./status.ts")),
  },
  info: { summary: "show all that is known of an instance", load: lazy(() => import("./info.ts")) },
  getip: {
    summary: "print an instance's address",
    aliases: ["ip"],
    load: lazy(() => import("./getip.ts")),
  },
  ssh: {
    summary: "open an SSH session in an instance, or run a command",
    load: lazy(() => import("./ssh.ts")),
  },
  shell: {
    summary: "the same through the Engine, for any image",
    load: lazy(() => import("./shell.ts")),
  },
  logs: { summary: "show the output of instances", load: lazy(() => import("./logs.ts")) },
  dns: {
    summary: "list the names in the DNS, or look one up",
    load: lazy(() => import("./dns.ts")),
  },
  stop: {
    summary: "stop running instances",
    aliases: ["_stop"],
    load: lazy(() => import("./stop.ts")),
  },
  start: {
    summary: "start stopped instances",
    aliases: ["_start"],
    load: lazy(() => import("./start.ts")),
  },
  clean: { summary: "stop and remove instances", load: lazy(() => import("./clean.ts")) },
  keys: {
    summary: "show the project's keys, carry them to others, renew them",
    load: lazy(() => import("./keys.ts")),
  },
  do: {
    summary: "run a task of the project, or list them",
    takesAnyKey: true,
    load: lazy(() => import("./do.ts")),
  },
  check: {
    summary: "say all that is wrong with the project, without an Engine",
    load: lazy(() => import("./check.ts")),
  },
  graph: {
    summary: "draw who waits for whom, as a text or a picture",
    load: lazy(() => import("./graph.ts")),
  },
  convert: {
    summary: "write the reyns.ts that .conf files amount to",
    load: lazy(() => import("./convert.ts")),
  },
  version: { summary: "print the version", load: lazy(() => import("./version.ts")) },
  help: { summary: "list the commands, or explain one", load: lazy(() => import("./help.ts")) },
  __proxy: {
    summary: "carry ssh into a container",
    hidden: true,
    load: lazy(() => import("./proxy.ts")),
  },
};

/** The name under which a command is listed, from any of its names. */
export function commandNamed(word: string): string | undefined {
  if (Object.hasOwn(commands, word)) return word;
  return Object.entries(commands).find(([, { aliases }]) => aliases?.includes(word))?.[0];
}
