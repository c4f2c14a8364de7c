import type { ArgsDef, ParsedArgs } from "citty";
import { ReynsError } from "../../errors.ts";
import type { Selection } from "../../plan/select/selection.ts";
import { presetNames, propertyArguments, type Properties } from "../../model/properties.ts";
import * as args from "./common.ts";

/** The arguments of `run`. */
export const runArgs = {
  service: args.optionalService("Name of the service, a pattern, or all", "SERVICE|all"),
  instance: args.instance,
  group: args.group,
  conf: args.conf,
  allow: args.allow,
  ...propertyArguments,
  env: args.env,
  seedCommand: {
    type: "string",
    valueHint: "COMMAND",
    description: "Command to run instead of the image's",
  },
  allowPublic: {
    type: "boolean",
    description: "Allow publishing a DNS on a public address; only safe behind a firewall",
  },
  parallel: {
    type: "boolean",
    description: "Run the instances of a .conf in parallel instead of one after another",
  },
  command: {
    type: "string",
    valueHint: args.argvHint,
    description:
      "Command to run in a fresh container of the service, which is removed at its end: reyns run SERVICE -- COMMAND",
  },
  rm: {
    type: "boolean",
    description:
      "Run the service's own command in a fresh container, which is removed at its end, as Compose's run --rm SERVICE",
  },
  user: {
    type: "string",
    valueHint: "USER",
    description: "With a command: the user that runs it",
  },
  workdir: {
    type: "string",
    valueHint: "PATH",
    description: "With a command: the folder in which it runs",
  },
  entrypoint: {
    type: "string",
    valueHint: "COMMAND",
    description: "With a command or rm: what it is handed to, instead of the service's own",
  },
  ports: {
    type: "enum",
    valueHint: "true|free|fixed",
    options: ["true", "false", "free", "fixed"],
    description:
      "With a command, true publishes the service's ports, too. Without one, free gives this folder free ports of the host instead of the definition's, from now on, and fixed takes that back",
  },
  attach: {
    type: "boolean",
    description:
      "Show the output of the instances until all have ended; Ctrl-C stops them, dependents first, and a second one kills them",
  },
  show: {
    type: "string",
    valueHint: "SERVICES",
    description: "With attach: only the output of these: web,db",
  },
  abortOnExit: {
    type: "boolean",
    alias: "abortOnContainerExit",
    description:
      "With attach: stop all instances when the first one ends, and exit with its status",
  },
  exitCodeFrom: {
    type: "string",
    valueHint: "SERVICE",
    description:
      "With attach: also run this service, stop all instances when the first one ends, and exit with this one's status",
  },
  keep: {
    type: "boolean",
    description: "Start only what is missing or stopped; leave changed instances as they are",
  },
  recreate: {
    type: "boolean",
    alias: "forceRecreate",
    description: "Replace the instances that the call names, whether they have changed or not",
  },
  build: {
    type: "boolean",
    description:
      "Build first what has changed in the services' folders. false: build nothing, and fail where an image is missing",
  },
  pull: { type: "boolean", description: "Pull first the ready images that have changed" },
  prune: { type: "boolean", description: "Remove instances whose definition is gone" },
  adopt: {
    type: "boolean",
    description:
      "Take over what docker compose has started from this folder: stops and replaces its containers, keeps its volumes",
  },
  deps: {
    type: "boolean",
    description: "Also run the instances that these need. Default: true",
  },
  new: {
    type: "boolean",
    description:
      "Run one more instance from the service's definition, with a random name if none is given",
  },
  plan: {
    type: "string",
    valueHint: "FILE",
    description: "Carry out a plan that was saved with reyns plan out=FILE, or nothing",
  },
  receipt: {
    type: "string",
    valueHint: "FILE|latest",
    description:
      "Start exactly what a receipt of reyns test says was tested, or nothing; latest is the newest one here",
  },
  ttl: {
    type: "string",
    valueHint: "TIME",
    description:
      "With copy: how long the copy lasts, such as 90m, 12h or 3d; the next command of the project after that removes it. ttl=none removes the limit",
  },
  from: {
    type: "string",
    valueHint: "COPY",
    description:
      "With a new copy: begin with the data of this one, or of main, the project itself. Its instances are paused meanwhile",
  },
  timeout: args.timeout,
  stopTimeout: {
    ...args.stopTimeout,
    alias: "t",
    description: `${args.stopTimeout.description}: those that are replaced`,
  },
  wait: args.wait,
  jobs: args.jobs,
  yes: args.yes,
  json: args.json,
} as const satisfies ArgsDef;

const {
  plan: _plan,
  wait,
  command: _command,
  rm: _rm,
  user: _user,
  workdir: _workdir,
  entrypoint: _entrypoint,
  ports: _ports,
  attach: _attach,
  show: _show,
  abortOnExit: _abortOnExit,
  exitCodeFrom: _exitCodeFrom,
  ttl: _ttl,
  from: _from,
  recreate: _recreate,
  build,
  pull,
  stopTimeout,
  ...plannedArgs
} = runArgs;

const { new: _new, ...repeatedArgs } = plannedArgs;

/** The arguments of `rerun`: it is about instances that are there. */
export const rerunArgs = {
  ...repeatedArgs,
  build,
  pull,
  stopTimeout,
  wait,
} as const satisfies ArgsDef;

/** The arguments of `plan`. */
export const planArgs = {
  ...plannedArgs,
  out: {
    type: "string",
    valueHint: "FILE",
    description: "Write the plan to a file, for reyns run plan=FILE",
  },
  exitCode: {
    type: "boolean",
    description: "Exit with status 4 when there is something to do",
  },
} as const satisfies ArgsDef;

/**
 * The selected instances and what the call overrides. A group or a conf alone selects all of its instances.
 *
 * @param fallback the service that a call without one means
 * @throws ReynsError MISSING_ARGUMENT, UNEXPECTED_ARGUMENT, INVALID_VALUE
 */
export function parseSelection(
  options: ParsedArgs<typeof repeatedArgs> & { readonly new?: boolean | undefined },
  fallback?: "all",
): Selection {
  const { service, instance, group, conf, instanceType, seedCommand, extraArgs } = options;
  if (service === "all" && instance !== undefined)
    throw new ReynsError("UNEXPECTED_ARGUMENT", `unexpected argument "${instance}"`, {
      hint: '"all" takes no instance: name its service instead',
    });
  const example = "reyns run demo one, reyns run all, reyns run group=node1";
  const overrides = presetNames
    .filter((name) => options[name] !== undefined)
    .map((name) => [name, options[name]] as const);
  return {
    service: args.requireArgument(
      service ?? ((group ?? conf) ? "all" : fallback),
      "service",
      example,
    ),
    instance,
    group,
    instanceType,
    properties: Object.fromEntries(overrides) as Partial<Properties>,
    seedCommand,
    extraArgs,
    publishSshOn: parsePort(options.publishSshOn),
    env: args.parseEnv(options.env),
    deps: options.deps ?? true,
    isNew: options.new ?? false,
  };
}

function parsePort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = args.parseWholeNumber(text, "publish_ssh_on");
  if (port >= 1 && port <= 65_535) return port;
  throw new ReynsError("INVALID_VALUE", `publish_ssh_on is "${text}"`, {
    hint: "accepted: a port from 1 to 65535",
  });
}
