import { relative } from "node:path";
import { ReynsError, type Place } from "../../errors.ts";
import type { MissingVariable } from "../../plan/resolve/environment.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { agreed } from "./prompts.ts";

/** Whether the answers shall be kept in `host.conf`, with what that means for the secret ones. */
export function wantsToKeep(missing: readonly MissingVariable[], yes: boolean): Promise<boolean> {
  const secrets = missing.filter(({ secret }) => secret).map(({ name }) => name);
  const plain =
    secrets.length === 0
      ? ""
      : `\n${secrets.join(", ")} will stand there as plain text, for this user's eyes only (mode 0600).`;
  const question = `Keep these answers for this host, in host.conf?${plain}`;
  return agreed(question, yes);
}

/** What to say where nobody can be asked: everything that is missing, at once, with the ways to give it. */
export function missingVariables(missing: readonly MissingVariable[]): ReynsError[] {
  return missing.map(({ name, hosts, description, at }) => {
    const wanted = `${summarizeList(hosts, 4)} ${hosts.length === 1 ? "needs" : "need"} it`;
    const why = description === undefined ? "" : `: ${description}`;
    const ways = [
      `in the environment (${name}=… reyns …)`,
      `in host.conf ({"${name}": "…"})`,
      ...(at.line === undefined ? [] : [`where it is defined (${placeText(at)})`]),
    ];
    return new ReynsError("MISSING_VARIABLE", `${name} has no value; ${wanted}${why}`, {
      hint: `give it ${ways.slice(0, -1).join(", ")}, or ${ways.at(-1)}`,
    });
  });
}

function placeText({ file, line }: Place): string {
  return `${relative(process.cwd(), file)}:${line}`;
}
