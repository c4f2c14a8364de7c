import type { ArgsDef, ParsedArgs } from "citty";
import { ReynsError } from "../../errors.ts";
import type { Selection } from "../../plan/select/select.ts";
import { presetNames, propertyArguments, type Properties } from "../../model/properties.ts";
import * as args from "./common.ts";

/** What `run` and `rerun` take. */
export const runArgs = {
  service: args.service("Name of the service, a pattern, or all", "SERVICE|all"),
  instance: args.instance,
  group: args.group,
  conf: args.conf,
  ...propertyArguments,
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

/** Which instances the words mean, with what they override. A group alone means all of it. */
export function selectionOf(given: ParsedArgs<typeof runArgs>): Selection {
  const [group, conf] = [args.given(given.group), args.given(given.conf)];
  const overrides = presetNames.flatMap((name) =>
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
