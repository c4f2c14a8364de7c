import type { Registry } from "./command-entry.ts";
import { lazy, lazyChangingNodes, lazyGeneral, lazyOnNodes } from "./lazy-command.ts";
import { internalCommands, machineCommands } from "./machine-commands.ts";

/** Every command; its module is loaded when it is called. */
export const commands: Registry = {
  install_demo: {
    topic: "begin",
    summary: "Create the demo project in ./reyns-demo",
    aliases: ["instdemo", "install-demo"],
    load: lazyGeneral(() => import("./commands/install-demo.ts")),
  },
  create: {
    topic: "begin",
    summary: "Create a project from a template",
    load: lazyGeneral(() => import("./commands/create.ts")),
  },
  build: {
    topic: "run",
    summary: "Build a service, or all, and the images it is based on",
    load: lazyChangingNodes(() => import("./commands/build.ts")),
  },
  pull: {
    topic: "run",
    summary: "Pull newer images of ready-made services",
    load: lazyChangingNodes(() => import("./commands/pull.ts")),
  },
  push: {
    topic: "run",
    summary: "Push what services are built into",
    load: lazyChangingNodes(() => import("./commands/push.ts")),
  },
  save: {
    topic: "run",
    summary: "Pack images and project for another machine",
    load: lazy(() => import("./commands/save.ts")),
  },
  load: {
    topic: "run",
    summary: "Load what save has packed",
    load: lazyGeneral(() => import("./commands/load.ts")),
  },
  run: {
    topic: "run",
    summary: "Run an instance, or all of a conf",
    load: lazyChangingNodes(() => import("./commands/run/index.ts")),
  },
  rerun: {
    topic: "run",
    summary: "Remove an instance and run it again",
    load: lazyChangingNodes(() => import("./commands/run/rerun.ts")),
  },
  plan: {
    topic: "run",
    summary: "Show what run would do, without doing it",
    load: lazyOnNodes(() => import("./commands/plan.ts")),
  },
  stop: {
    topic: "run",
    summary: "Stop running instances",
    aliases: ["_stop"],
    load: lazyChangingNodes(() => import("./commands/stop.ts")),
  },
  start: {
    topic: "run",
    summary: "Start stopped instances",
    aliases: ["_start"],
    load: lazyChangingNodes(() => import("./commands/start.ts")),
  },
  restart: {
    topic: "run",
    summary: "Stop instances and start them again",
    load: lazyChangingNodes(() => import("./commands/restart.ts")),
  },
  rollback: {
    topic: "run",
    summary: "Go back to an earlier version",
    load: lazyChangingNodes(() => import("./commands/rollback.ts")),
  },
  kill: {
    topic: "run",
    summary: "Send a signal to instances",
    load: lazyChangingNodes(() => import("./commands/kill.ts")),
  },
  pause: {
    topic: "run",
    summary: "Freeze instances",
    load: lazyChangingNodes(() => import("./commands/pause.ts")),
  },
  unpause: {
    topic: "run",
    summary: "Let paused instances continue",
    load: lazyChangingNodes(() => import("./commands/unpause.ts")),
  },
  clean: {
    topic: "run",
    summary: "Stop and remove instances",
    load: lazyChangingNodes(() => import("./commands/clean/index.ts")),
  },
  ps: {
    topic: "look",
    summary: "List the project's instances",
    load: lazyOnNodes(() => import("./commands/ps.ts")),
  },
  status: {
    topic: "look",
    summary: "List instances with their processes",
    load: lazyOnNodes(() => import("./commands/status.ts")),
  },
  info: {
    topic: "look",
    summary: "Show the details of an instance",
    load: lazyOnNodes(() => import("./commands/info.ts")),
  },
  getip: {
    topic: "look",
    summary: "Print the address of an instance",
    aliases: ["ip"],
    load: lazyOnNodes(() => import("./commands/getip.ts")),
  },
  port: {
    topic: "look",
    summary: "Print where a port is published",
    load: lazyOnNodes(() => import("./commands/port.ts")),
  },
  routes: {
    topic: "look",
    summary: "List what the router serves",
    load: lazy(() => import("./commands/routes.ts")),
  },
  logs: {
    topic: "look",
    summary: "Show the output of instances",
    load: lazyOnNodes(() => import("./commands/logs.ts")),
  },
  events: {
    topic: "look",
    summary: "Print what happens to instances",
    load: lazyOnNodes(() => import("./commands/events.ts")),
  },
  top: {
    topic: "look",
    summary: "List the processes of instances",
    load: lazyOnNodes(() => import("./commands/top.ts")),
  },
  stats: {
    topic: "look",
    summary: "Show what instances use",
    load: lazyOnNodes(() => import("./commands/stats.ts")),
  },
  wait: {
    topic: "look",
    summary: "Wait until instances have ended",
    load: lazyOnNodes(() => import("./commands/wait.ts")),
  },
  copies: {
    topic: "look",
    summary: "List the copies of the project",
    load: lazy(() => import("./commands/copies.ts")),
  },
  ls: {
    topic: "look",
    summary: "List the projects on the Engine",
    load: lazyGeneral(() => import("./commands/ls.ts")),
  },
  images: {
    topic: "look",
    summary: "List the project's images",
    load: lazyOnNodes(() => import("./commands/images.ts")),
  },
  receipts: {
    topic: "look",
    summary: "List receipts of passed tests, or compare two",
    load: lazy(() => import("./commands/receipts.ts")),
  },
  dns: {
    topic: "look",
    summary: "List the names in the DNS, or look one up",
    load: lazy(() => import("./commands/dns/index.ts")),
  },
  volumes: {
    topic: "look",
    summary: "List the project's volumes, or remove some",
    load: lazyChangingNodes(() => import("./commands/volumes/index.ts")),
  },
  nodes: {
    topic: "look",
    summary: "List the project's machines, or make a swarm of them",
    load: lazy(() => import("./commands/nodes/index.ts")),
  },
  ssh: {
    topic: "inside",
    summary: "Open an SSH session in an instance, or run a command",
    load: lazyOnNodes(() => import("./commands/ssh.ts")),
  },
  shell: {
    topic: "inside",
    summary: "Open a shell in an instance of any image, or run a command",
    load: lazyOnNodes(() => import("./commands/shell.ts")),
  },
  cp: {
    topic: "inside",
    summary: "Copy files out of an instance, or into it",
    load: lazyOnNodes(() => import("./commands/cp.ts")),
  },
  do: {
    topic: "inside",
    summary: "Run a task of the project, or list the tasks",
    passesUnknownKeys: true,
    load: lazy(() => import("./commands/do/index.ts")),
  },
  test: {
    topic: "project",
    summary: "Run the project's tests in a copy of the platform",
    load: lazy(() => import("./commands/test/index.ts")),
  },
  keys: {
    topic: "project",
    summary: "Show, export, import or rotate the project's keys",
    load: lazy(() => import("./commands/keys/index.ts")),
  },
  check: {
    topic: "project",
    summary: "Find all mistakes in the project, without an Engine",
    load: lazy(() => import("./commands/check.ts")),
  },
  config: {
    topic: "project",
    summary: "Show the resolved definition",
    load: lazy(() => import("./commands/config.ts")),
  },
  graph: {
    topic: "project",
    summary: "Show the dependency graph",
    load: lazy(() => import("./commands/graph.ts")),
  },
  convert: {
    topic: "project",
    summary: "Convert compose.yaml or .conf files to a reyns.ts",
    load: lazy(() => import("./commands/convert/index.ts")),
  },
  ...machineCommands,
  help: {
    topic: "machine",
    summary: "List the commands, or explain one",
    load: lazyGeneral(async () => (await import("./commands/help.ts")).createHelp(commands)),
  },
  ...internalCommands,
};
