import { defineCommand } from "citty";
import { shellQuote } from "../../../lib/shell-quote.ts";
import * as args from "../../args/common.ts";
import { isKnownInstance, readKnownNames } from "../../../project/known-names.ts";
import { isRunning, type ObservedInstance } from "../../../model/observed.ts";
import { log } from "../../../ui/output/log.ts";
import { canPrompt } from "../../../ui/prompts/prompts.ts";
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
    const named = isInstance ? first : (call.instance ?? firstOf(instances, call.service));
    const line = argv.length === 0 ? undefined : argv.map(shellQuote).join(" ");
    return openShell({ ...call, instance: named, command: line });
  },
});

/** As in Compose, the first of several where nobody can be asked, and none that a command was run in. */
function firstOf(instances: readonly ObservedInstance[], service: string): string | undefined {
  const running = instances.filter((one) => one.service === service && isRunning(one));
  if (running.length < 2 || canPrompt(false)) return undefined;
  const lasting = running
    .filter(({ isAttached }) => !isAttached)
    .toSorted((a, b) => a.instance.localeCompare(b.instance, "en", { numeric: true }));
  const [first] = lasting;
  if (first !== undefined && lasting.length > 1)
    log.info(`in ${first.host}, the first of ${lasting.length} instances: --index names another`);
  return first?.instance;
}
