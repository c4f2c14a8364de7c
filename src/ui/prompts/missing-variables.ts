import { ReynsError } from "../../errors.ts";
import type { MissingVariable } from "../../plan/resolve/environment.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { formatPlace } from "../output/code-frame.ts";
import { askUnlessYes } from "./prompts.ts";

/** Asks whether to save the answers in `host.conf`, with what that means for secrets. */
export function askToSaveAnswers(
  missing: readonly MissingVariable[],
  yes: boolean,
): Promise<boolean> {
  const secrets = missing.filter(({ secret }) => secret).map(({ name }) => name);
  const warning =
    secrets.length === 0
      ? ""
      : `\n${secrets.join(", ")} will be stored in plain text, readable only by you (mode 0600).`;
  return askUnlessYes(`Keep these answers for this host, in host.conf?${warning}`, yes);
}

/** The errors for values that cannot be asked for without a terminal: all at once, with the ways to set them. */
export function missingVariableErrors(missing: readonly MissingVariable[]): ReynsError[] {
  return missing.map((variable) => {
    const { name, hosts, description, stopped, elsewhere } = variable;
    const meaning = description === undefined ? "" : ` (${description})`;
    const needing = summarizeList(hosts, 4);
    if (elsewhere) {
      const { host, group } = elsewhere;
      const message = `${host} of the group ${group}, which ${needing} links to, is not registered with the DNS`;
      const hint = `run it on its machine: reyns run group=${group}\notherwise set ${name} to its address ${waysToSet(variable)}`;
      return new ReynsError("MISSING_VARIABLE", message, { hint });
    }
    if (!stopped) {
      const message = `missing value: ${name}${meaning}, required by ${needing}`;
      return new ReynsError("MISSING_VARIABLE", message, { hint: `set it ${waysToSet(variable)}` });
    }
    const remote = `if it runs on another machine, set ${name} to its address ${waysToSet(variable)}`;
    return new ReynsError("MISSING_VARIABLE", `${stopped.to} does not run: ${stopped.command}`, {
      hint: `linked by ${needing}\n${remote}`,
    });
  });
}

function waysToSet({ name, at }: MissingVariable): string {
  const ways = [
    `in the environment (${name}=… reyns …)`,
    `in host.conf ({"${name}": "…"})`,
    ...(at.line === undefined ? [] : [`where it is defined (${formatPlace(at)})`]),
  ];
  return `${ways.slice(0, -1).join(", ")}, or ${ways.at(-1)}`;
}
