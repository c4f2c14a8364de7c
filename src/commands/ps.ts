import { defineCommand } from "citty";
import * as args from "../cli/args.ts";
import { instanceJson, instanceTable } from "../cli/instances.ts";
import { print, printJson, say } from "../cli/print.ts";
import { ReynsError } from "../errors.ts";
import { isRunning } from "../plan/observed.ts";
import { acceptedHint } from "../suggest.ts";
import { everyContainer } from "./every-container.ts";
import { callersInstances } from "./session.ts";

const scopes = ["all", "reallyall"];

export const command = defineCommand({
  meta: {
    name: "ps",
    description:
      "Lists the instances of the project that run; with all also stopped ones, with reallyall every container on the Engine.",
  },
  args: {
    scope: { type: "positional", required: false, description: "all, or reallyall" },
    json: args.json,
  },
  run: async ({ args: { scope, json } }) => {
    if (scope && !scopes.includes(scope))
      throw new ReynsError("INVALID_VALUE", `ps knows no "${scope}"`, {
        hint: acceptedHint(scope, scopes),
      });
    const instances =
      scope === "reallyall" ? await everyContainer() : (await callersInstances()).instances;
    const shown = scope ? instances : instances.filter(isRunning);
    if (json) return printJson(shown.map(instanceJson));
    if (shown.length > 0) return print(instanceTable(shown));
    const stopped = instances.length - shown.length;
    say(
      stopped > 0
        ? `nothing is running; ${stopped} stopped: reyns ps all`
        : "nothing is running: reyns run all",
    );
  },
});
