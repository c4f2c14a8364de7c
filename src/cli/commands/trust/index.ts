import { defineCommand } from "citty";
import * as args from "../../args/common.ts";
import type { Examples } from "../../help/help.ts";
import { addTrust } from "./add.ts";
import { removeTrust } from "./remove.ts";

export const examples: Examples = [
  ["reyns trust", "shows what it does, and asks"],
  ["reyns trust yes=true", "for a script"],
  ["reyns trust system=false", "only in your browsers, without an administrator's rights"],
  ["reyns trust remove=true", "takes it out again"],
];

export const command = defineCommand({
  meta: {
    name: "trust",
    description:
      "Makes this machine trust the project's router: puts the root certificate of its authority into the system's store and into those of Chromium and Firefox. The authority can certify private names only. Shows the commands first, and asks.",
  },
  args: {
    remove: {
      type: "boolean",
      description: "Take out what was put in; also when the router is gone",
    },
    all: { type: "boolean", description: "With remove: what was put in for any project" },
    system: { type: "boolean", description: "The system's store; yes by default" },
    browsers: { type: "boolean", description: "The browsers' stores; yes by default" },
    yes: args.yes,
    json: args.json,
  },
  run: async ({
    args: {
      remove = false,
      all = false,
      system = true,
      browsers = true,
      yes = false,
      json = false,
    },
  }) => {
    const options = { system, browsers, yes, json };
    await (remove ? removeTrust({ ...options, all }) : addTrust(options));
  },
});
