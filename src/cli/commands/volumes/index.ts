import { defineCommand } from "citty";
import * as args from "../../args/common.ts";
import type { Examples } from "../../help/help.ts";
import { ReynsError } from "../../../errors.ts";
import { acceptedHint } from "../../../lib/suggest.ts";
import { log } from "../../../ui/output/log.ts";
import { print, printJson, printLines } from "../../../ui/output/print.ts";
import { formatVolumes, volumeToJson } from "../../../ui/views/volumes.ts";
import { partialVariable } from "../../../project/locate.ts";
import { listProjectVolumes } from "./list.ts";
import { removeVolumes } from "./remove.ts";

export const examples: Examples = [
  ["reyns volumes", "who uses which"],
  ["reyns volumes size=true", "with their sizes"],
  ["reyns volumes remove cache", "one that nothing uses"],
  ["reyns volumes remove unused=true", "all that nothing uses"],
];

const actions = ["list", "remove"];

export const command = defineCommand({
  meta: {
    name: "volumes",
    description:
      "Lists the project's volumes on the Engine and the instances that use them. With remove, removes those that are named, or all that nothing uses; never one in use.",
  },
  args: {
    action: {
      type: "positional",
      required: false,
      valueHint: actions.join("|"),
      description: "list (the default) or remove",
    },
    names: {
      type: "positional",
      required: false,
      valueHint: "VOLUME...",
      description: "Names of volumes, as the definition or the Engine calls them, or patterns",
    },
    unused: { type: "boolean", description: "Only those that nothing uses" },
    size: { type: "boolean", description: "Show sizes, which may take the Engine a while" },
    yes: args.yes,
    wait: args.wait,
    json: args.json,
    quiet: { ...args.quiet, description: "Print the names on the Engine only" },
  },
  run: async ({
    args: { action = "list", names, unused = false, size, yes = false, wait, json, quiet },
  }) => {
    const patterns = args.splitValues(names);
    if (action === "remove" || action === "rm")
      return removeVolumes({ patterns, unused, yes, wait, json });
    if (action !== "list") {
      const hint = acceptedHint(action, actions);
      throw new ReynsError("INVALID_VALUE", `unknown action "${action}"`, { hint });
    }
    // A list changes nothing: it goes on without machines that do not answer.
    delete process.env[partialVariable];
    const { volumes } = await listProjectVolumes(patterns, size);
    const shown = volumes.filter(({ users }) => !unused || users.length === 0);
    if (json) return printJson(shown.map(volumeToJson));
    if (quiet) return printLines(shown.map(({ name }) => name));
    if (shown.length > 0) print(formatVolumes(shown));
    else log.info(unused ? "no unused volumes" : "the project has no volumes here");
  },
});
