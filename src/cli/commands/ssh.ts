import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { log } from "../../ui/output/log.ts";
import { ReynsError } from "../../errors.ts";
import { sshArguments } from "../../runtime/sessions/ssh-args.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import { keysFolder } from "../../model/resource-names.ts";
import { printCaptured } from "../common/print-captured.ts";
import { requireInstanceForCommand } from "../common/resolve-instance.ts";
import { spawnAndCapture, spawnInTerminal } from "../common/spawn.ts";

export const examples: Examples = [
  ["reyns ssh web", "a session as user reyns"],
  ['reyns ssh web one command="ls /data"', "a command, and its exit status"],
  ["reyns ssh web one -- tail -f /var/log/syslog", "everything after -- is the command"],
  ["reyns ssh web one command=hostname json", "its output as JSON"],
];

export const command = defineCommand({
  meta: {
    name: "ssh",
    description:
      "Opens an SSH session in an instance as user reyns, or runs a command there and exits with its status.",
  },
  args: {
    service: args.service("Name of the service", "PRESENT"),
    ...args.remote,
  },
  run: async ({ args: { service, instance: name, command: remoteCommand, capture, json } }) => {
    const { engine, place, instance } = await requireInstanceForCommand("ssh", {
      service,
      instance: name,
    });
    checkSshServer(instance);
    const argv = await sshArguments({
      keysFolder: keysFolder(place),
      containerId: instance.id,
      host: instance.host,
      command: remoteCommand,
    });
    const env = await engine.sharedEnvironment();
    if (!capture && !json) return spawnInTerminal(argv, env);
    args.requireArgument(remoteCommand, "command", 'reyns ssh demo two command="hostname" json');
    return printCaptured(await spawnAndCapture(argv, env));
  },
});

/** @throws ReynsError MISSING_TOOL */
function checkSshServer({ host, service, instance, ...observed }: ObservedInstance): void {
  if (!observed.hasEntrypoint)
    throw new ReynsError(
      "MISSING_TOOL",
      `${host} has no SSH server: its image is not based on reyns/reyns-base`,
      { hint: `use the Engine instead: reyns shell ${service} ${instance}` },
    );
  // An instance that was stopped and started since has the new keys, and accepts the login.
  if (observed.hasOldKeys && !observed.hasLostKeys)
    log.warn(
      `${host} was created with older keys; if it denies the login: reyns rerun ${service} ${instance}`,
    );
}
