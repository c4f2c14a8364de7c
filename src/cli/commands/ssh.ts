import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { log } from "../../ui/output/log.ts";
import { printJson } from "../../ui/output/print.ts";
import { ReynsError } from "../../errors.ts";
import { sshArguments } from "../../runtime/sessions/ssh-args.ts";
import { keysFolder } from "../../model/resource-names.ts";
import { requireRunningInstance } from "../shared/resolve-instance.ts";
import { spawnAndCapture, spawnInTerminal } from "../shared/spawn.ts";

export const examples: Examples = [
  ["reyns ssh web", "a session as user reyns"],
  ['reyns ssh web one command="ls /data"', "a command, with its status"],
  ["reyns ssh web one -- tail -f /var/log/syslog", "all after -- is the command"],
  ["reyns ssh web one command=hostname json", "its output as JSON"],
];

export const command = defineCommand({
  meta: {
    name: "ssh",
    description:
      "Opens an SSH session in an instance as user reyns, or runs a command there and returns its exit status.",
  },
  args: {
    service: args.service("Name of the service", "PRESENT"),
    ...args.remote,
  },
  run: async ({ args: { service, instance, command: remote, capture, json } }) => {
    const { place, instance: chosen } = await requireRunningInstance({
      service,
      instance,
      example: "reyns ssh demo two",
      ask: true,
    });
    if (!chosen.hasEntrypoint) {
      const hint = `use the Engine's way in: reyns shell ${chosen.service} ${chosen.instance}`;
      throw new ReynsError(
        "MISSING_TOOL",
        `${chosen.host} has no SSH server of ours: its image does not build on reyns/reyns-base`,
        { hint },
      );
    }
    // One that was stopped and started since has the new ones.
    if (chosen.hasOldKeys)
      log.warn(
        `${chosen.host} was run with older keys: if it refuses, reyns rerun ${chosen.service} ${chosen.instance}`,
      );
    const words = await sshArguments({
      keysFolder: keysFolder(place),
      containerId: chosen.id,
      host: chosen.host,
      command: args.given(remote),
    });
    if (!capture && !json) return spawnInTerminal(words);
    args.needWord(remote, "command", 'reyns ssh demo two command="hostname" json');
    const { stdout, stderr, exitStatus } = await spawnAndCapture(words);
    printJson({ stdout, stderr, exit_code: exitStatus });
    return exitStatus;
  },
});
