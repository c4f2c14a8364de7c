import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { printJson } from "../../ui/output/print.ts";
import { runAttached } from "../../runtime/sessions/attached.ts";
import { captureCommand } from "../../runtime/sessions/exec.ts";
import { requireRunningInstance } from "../shared/resolve-instance.ts";

export const examples: Examples = [
  ["reyns shell db", "a shell, as the image's user"],
  ["reyns shell db -- psql -U postgres", "a command in this terminal"],
  ["reyns shell db command=id json", "its output as JSON"],
];

export const command = defineCommand({
  meta: {
    name: "shell",
    description:
      "Opens a shell in an instance through the Engine, as the image's user, or runs a command there and exits with its status.",
  },
  args: {
    service: args.service("Name of the service", "PRESENT"),
    ...args.remote,
  },
  run: async ({ args: { service, instance: name, command: remoteCommand, capture, json } }) => {
    const { engine, instance } = await requireRunningInstance({
      service,
      instance: name,
      ask: true,
    });
    if (!capture && !json) return runAttached(engine, instance.id, remoteCommand, process);
    const { stdout, stderr, exitStatus } = await captureCommand(
      engine,
      instance.id,
      args.requireArgument(
        remoteCommand,
        "command",
        'reyns shell demo two command="hostname" json',
      ),
    );
    printJson({ stdout, stderr, exit_code: exitStatus });
    return exitStatus;
  },
});
