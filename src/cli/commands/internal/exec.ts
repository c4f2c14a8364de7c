import { defineCommand } from "citty";
import { shellQuote } from "../../../lib/shell-quote.ts";
import * as args from "../../args/common.ts";
import { isKnownInstance, readKnownNames } from "../../../project/known-names.ts";
import { listInstances } from "../../common/context.ts";
import { openShell } from "../../common/open-shell.ts";

/** `exec SERVICE [INSTANCE] COMMAND…` as Compose has it: what names no instance begins the command. */
export const command = defineCommand({
  meta: { name: "exec", hidden: true },
  args: {
    service: args.service("Name of the service", "PRESENT"),
    instance: { type: "string" },
    command: { type: "string", required: true, valueHint: args.argvHint },
    ...args.execSettings,
  },
  run: async ({ args: { command: given, ...call } }) => {
    const words = args.splitArgv(given);
    const [first, ...others] = words;
    const { instances, place } = await listInstances();
    const isInstance =
      call.instance === undefined &&
      first !== undefined &&
      (instances.some((one) => one.service === call.service && one.instance === first) ||
        isKnownInstance(readKnownNames(place), call.service, first));
    const argv = isInstance ? others : words;
    const line = argv.length === 0 ? undefined : argv.map(shellQuote).join(" ");
    return openShell({ ...call, ...(isInstance && { instance: first }), command: line });
  },
});
