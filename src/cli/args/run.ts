import type { ArgsDef, ParsedArgs } from "citty";
import { ReynsError } from "../../errors.ts";
import type { Selection } from "../../plan/select/select.ts";
import { definableProperties, instanceTypes, type Properties } from "../../model/project.ts";
import * as args from "./common.ts";

/** What `run` and `rerun` take. */
export const runArgs = {
  service: args.service("Name of the service, a pattern, or all", "SERVICE|all"),
  instance: args.instance,
  group: args.group,
  conf: args.conf,
  instanceType: {
    type: "enum",
    options: [...instanceTypes],
    description: "Preset of properties; else the conf's, else by the instance's name",
  },
  linked: { type: "boolean", description: "Whether links are made" },
  publishPorts: {
    type: "boolean",
    description: "Publish the ports that the Dockerfile's annotations expose",
  },
  persistentData: { type: "boolean", description: "Keep /data on the host" },
  persistentOpt: { type: "boolean", description: "Keep /opt on the host" },
  persistentLog: { type: "boolean", description: "Keep /var/log on the host" },
  persistentHome: { type: "boolean", description: "Keep /home on the host" },
  persistentShared: { type: "boolean", description: "One /shared on the host for all instances" },
  safePersistency: {
    type: "boolean",
    description: "Keep in the Engine's volumes instead of on the host",
  },
  nethost: { type: "boolean", description: "Use the host's own network" },
  publishSshOn: {
    type: "string",
    valueHint: "PORT",
    description: "Publish its SSH server on this port of the host",
  },
  extraArgs: {
    type: "string",
    valueHint: "OPTIONS",
    description: "Options of docker run, for what has no key",
  },
  interactive: {
    type: "boolean",
    description:
      "A shell in this terminal instead of the image's command; the instance goes with it",
  },
  safemode: { type: "boolean", description: "Do not run the services' prestartup scripts" },
  seedCommand: {
    type: "string",
    valueHint: "COMMAND",
    description: "What to run instead of the image's command",
  },
  allowPublic: {
    type: "boolean",
    description: "Publish a DNS on a public address, too: behind a firewall only",
  },
  parallel: { type: "boolean", description: "Run a .conf as a graph instead of one after another" },
  timeout: args.timeout,
  wait: args.wait,
  jobs: args.jobs,
  yes: args.yes,
  json: args.json,
} as const satisfies ArgsDef;

const propertyNames = [...definableProperties, "interactive", "safemode"] as const;

/** Which instances the words mean, with what they override. A group alone means all of it. */
export function selectionOf(given: ParsedArgs<typeof runArgs>): Selection {
  const [group, conf] = [args.given(given.group), args.given(given.conf)];
  const overrides = propertyNames.flatMap((name) =>
    given[name] === undefined ? [] : [[name, given[name]] as const],
  );
  if (given.service === "all" && args.given(given.instance) !== undefined) {
    const message = `one word too many: "${given.instance}"`;
    throw new ReynsError("EXTRA_WORD", message, { hint: "all has no instance; name the service" });
  }
  return {
    service:
      args.given(given.service) ??
      (group === undefined && conf === undefined
        ? args.needWord(
            undefined,
            "service",
            "reyns run demo one, reyns run all, reyns run group=node1",
          )
        : "all"),
    instance: args.given(given.instance),
    group,
    instanceType: given.instanceType,
    properties: Object.fromEntries(overrides) as Partial<Properties>,
    seedCommand: args.given(given.seedCommand),
    extraArgs: args.given(given.extraArgs),
    publishSshOn: portOf(args.given(given.publishSshOn)),
  };
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = args.wholeNumber(text, "publish_ssh_on");
  if (port >= 1 && port <= 65_535) return port;
  throw new ReynsError("INVALID_VALUE", `publish_ssh_on is "${text}"`, {
    hint: "accepted: a port from 1 to 65535",
  });
}
