import type { Registry } from "./command-entry.ts";
import { lazy, lazyGeneral, lazyHidden, lazyOnMachines, lazyOnNodes } from "./lazy-command.ts";

/** The commands that are about this machine. */
export const machineCommands: Registry = {
  init: {
    topic: "machine",
    summary: "Build the base images on this host",
    load: lazyOnMachines(() => import("./commands/init.ts")),
  },
  doctor: {
    topic: "machine",
    summary: "Diagnose problems and fix them",
    load: lazyOnNodes(() => import("./commands/doctor/index.ts")),
  },
  trust: {
    topic: "machine",
    summary: "Make this machine trust the project's router",
    load: lazy(() => import("./commands/trust/index.ts")),
  },
  completion: {
    topic: "machine",
    summary: "Print a shell's completion script",
    load: lazyGeneral(() => import("./commands/completion.ts")),
  },
  version: {
    topic: "machine",
    summary: "Print the version",
    load: lazyGeneral(() => import("./commands/version.ts")),
  },
  upgrade: {
    topic: "machine",
    summary: "Replace this executable with the latest release",
    load: lazyGeneral(() => import("./commands/upgrade.ts")),
  },
  uninstall: {
    topic: "machine",
    summary: "Remove what the installer installed",
    load: lazyGeneral(() => import("./commands/uninstall.ts")),
  },
};

/** What is accepted or called by the executable itself, and listed nowhere. */
export const internalCommands: Registry = {
  exec: {
    summary: "Run a command in an instance, as Docker Compose writes it",
    hidden: true,
    load: lazyHidden(() => import("./commands/internal/exec.ts")),
  },
  __complete: {
    summary: "Answer a shell's completion request (internal)",
    hidden: true,
    load: lazyHidden(() => import("./commands/internal/complete.ts")),
  },
  __proxy: {
    summary: "Connect ssh to a container (internal)",
    hidden: true,
    load: lazyHidden(() => import("./commands/internal/proxy.ts")),
  },
};
