import { defineCommand } from "citty";
import { ReynsError } from "../../../errors.ts";
import { acceptedHint } from "../../../lib/suggest.ts";
import * as args from "../../args/common.ts";
import type { Examples } from "../../help/help.ts";
import { joinNodes } from "./join.ts";
import { leaveNodes } from "./leave.ts";
import { listNodes } from "./list.ts";
import type { NodesOptions } from "./options.ts";

const actions: Readonly<Record<string, (options: NodesOptions) => Promise<number>>> = {
  list: listNodes,
  join: joinNodes,
  leave: leaveNodes,
};

/** The arguments that only some actions take. */
const argumentsOf: Readonly<Record<string, readonly (keyof NodesOptions)[]>> = {
  list: [],
  join: ["yes", "partial", "allowPublic"],
  leave: ["yes", "partial", "foreign"],
};

export const examples: Examples = [
  ["reyns nodes", "every machine of the project"],
  ["reyns nodes json", "for a script"],
  ["reyns nodes && reyns ps", "only when all of them answer"],
  ["reyns nodes join", "shows how it makes a Docker Swarm of them, and asks"],
  ["reyns nodes leave yes=true", "takes them out of it again"],
];

export const command = defineCommand({
  meta: {
    name: "nodes",
    description:
      "Lists the project's machines, as node() and host.conf name them: whether the Engine answers, its version and platform, its role in a Docker Swarm, how many instances of the project are there, whether those have the project's keys, and how far its clock is from this machine's. All are asked at the same time, and one that does not answer within 5 seconds is unreachable; the exit status is then 1. With join, makes one Docker Swarm of all machines: three of three or more are managers, otherwise one. With leave, takes those out of it that join has put in. Both show first what they do, and ask; what is done already is left as it is.",
  },
  args: {
    action: {
      type: "positional",
      required: false,
      valueHint: Object.keys(actions).join("|"),
      description: "list (the default), join, or leave",
    },
    conf: args.conf,
    partial: {
      type: "boolean",
      description:
        "With join and leave: go on without machines that do not answer; the exit status is 1",
    },
    foreign: {
      type: "boolean",
      description:
        "With leave: also take out machines that join has not put in, and end a swarm whose managers do not answer",
    },
    allowPublic: {
      type: "boolean",
      description: "With join: accept public addresses, behind a firewall",
    },
    yes: args.yes,
    json: args.json,
  },
  run: async ({ args: { action = "list", conf, json = false, ...flags } }) => {
    const run = Object.hasOwn(actions, action) ? actions[action] : undefined;
    if (!run) throw unknownAction(action);
    const { partial = false, foreign = false, allowPublic = false, yes = false } = flags;
    const options = { partial, foreign, allowPublic, yes };
    const extra = Object.entries(options).find(
      ([name, value]) => value && !argumentsOf[action]?.some((accepted) => accepted === name),
    );
    if (extra) throw notWith(extra[0], action);
    return run({ ...options, conf: args.parseConfName(conf), json });
  },
});

function unknownAction(name: string): ReynsError {
  const hint = acceptedHint(name, Object.keys(actions));
  return new ReynsError("INVALID_VALUE", `unknown action "${name}"`, { hint });
}

function notWith(name: string, action: string): ReynsError {
  const key = name === "allowPublic" ? "allow_public" : name;
  const users = Object.keys(argumentsOf).filter((one) =>
    argumentsOf[one]?.some((accepted) => accepted === name),
  );
  return new ReynsError("UNEXPECTED_ARGUMENT", `nodes ${action} takes no ${key}`, {
    hint: `it is for ${users.map((one) => `nodes ${one}`).join(" and ")}`,
  });
}
