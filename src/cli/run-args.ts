import type { ArgsDef, ParsedArgs } from "citty";
import type { Selection } from "../plan/select.ts";
import { instanceTypes, type Properties } from "../project/types.ts";
import * as args from "./args.ts";

/** What `run` and `rerun` take. */
export const runArgs = {
  service: args.service("Name of the service, a pattern, or all"),
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
  safemode: { type: "boolean", description: "Do not run the services' prestartup scripts" },
  seedCommand: {
    type: "string",
    valueHint: "COMMAND",
    description: "What to run instead of the image's command",
  },
  parallel: { type: "boolean", description: "Run a .conf as a graph instead of one after another" },
  timeout: args.timeout,
  yes: args.yes,
  json: args.json,
} as const satisfies ArgsDef;

const propertyNames = [
  "linked",
  "publishPorts",
  "persistentData",
  "persistentOpt",
  "persistentLog",
  "persistentHome",
  "safemode",
] as const;

/** Which instances the words mean, with what they override. A group alone means all of it. */
export function selectionOf(given: ParsedArgs<typeof runArgs>): Selection {
  const group = args.given(given.group);
  const overrides = propertyNames.flatMap((name) =>
    given[name] === undefined ? [] : [[name, given[name]] as const],
  );
  return {
    service:
      args.given(given.service) ??
      (group === undefined
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
  };
}
