import { ReynsError, throwAll } from "../../../errors.ts";
import type { TrustChange } from "../../../install/trust/changes.ts";
import { findProgram, runProgram } from "../../../install/trust/programs.ts";
import type { Argv } from "../../../install/trust/store.ts";
import { shellQuote } from "../../../lib/shell-quote.ts";
import { canPrompt, confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { log } from "../../../ui/output/log.ts";
import { printToStderr } from "../../../ui/output/print.ts";
import { spawnInTerminal } from "../../common/spawn.ts";
import { formatTrustChanges } from "../../../ui/views/trust.ts";

interface ApplyTrustOptions {
  /** What the changes are about, above them. */
  readonly notice: string;
  readonly question: string;
  readonly yes: boolean;
  /** The command to repeat when somebody else has changed the system's store. */
  readonly again: string;
  /** Records what is about to change. */
  readonly record: () => Promise<void>;
}

/**
 * Shows the commands that change stores, asks, and runs them. Those that need the administrator's rights are run by
 * `sudo`, which asks by itself, on a terminal only.
 *
 * @throws ReynsError NOT_PERMITTED before anything is changed; TRUST_FAILED when all others have been carried out
 */
export async function applyTrustChanges(
  changes: readonly TrustChange[],
  { notice, question, yes, again, record }: ApplyTrustOptions,
): Promise<void> {
  const shown = changes.map((change) => ({ ...change, lines: linesOf(change) }));
  const text = `${notice}\n${formatTrustChanges(shown)}`;
  if (yes) log.info(text);
  else printToStderr(text);
  const restricted = shown.filter(needsSudo);
  if (restricted.length > 0 && !canAskForRights()) {
    await record();
    throw notPermitted(
      restricted.flatMap(({ lines }) => lines),
      again,
    );
  }
  await confirmOrCancel({ question, hint: "add yes=true", yes });
  await record();
  const failures = [];
  for (const change of changes) failures.push(...(await runChange(change)));
  throwAll(failures);
}

function needsSudo({ store }: Pick<TrustChange, "store">): boolean {
  return store.kind === "system" && process.getuid?.() !== 0;
}

/** On a terminal, with `yes=true` too: the password is sudo's question. */
function canAskForRights(): boolean {
  return canPrompt(false) && findProgram("sudo", process.env) !== undefined;
}

function linesOf(change: TrustChange): string[] {
  return change.commands.map((argv) => withRights(change, argv).map(shellQuote).join(" "));
}

function withRights(change: TrustChange, argv: Argv): Argv {
  return needsSudo(change) ? ["sudo", ...argv] : argv;
}

/** Runs the commands of a change until one fails. */
async function runChange(change: TrustChange): Promise<ReynsError[]> {
  for (const argv of change.commands) {
    const words = withRights(change, argv);
    const { status, output } = needsSudo(change)
      ? { status: await spawnInTerminal(words), output: "" }
      : await runQuietly(words);
    if (status === 0) continue;
    const message = `the store of ${change.store.owner} was not changed: ${words.map(shellQuote).join(" ")} failed (${status})`;
    const lines = output.trim().split("\n").slice(-5);
    return [new ReynsError("TRUST_FAILED", message, { output: lines })];
  }
  return [];
}

async function runQuietly(
  argv: Argv,
): Promise<{ readonly status: number; readonly output: string }> {
  const { status, stdout, stderr } = await runProgram(argv);
  return { status, output: stdout + stderr };
}

function notPermitted(lines: readonly string[], again: string): ReynsError {
  const hint = `run these commands, then ${again} again:\n${lines.map((line) => `  ${line}`).join("\n")}\nor skip the system's store: system=false`;
  return new ReynsError("NOT_PERMITTED", "changing the system's certificate store needs root", {
    hint,
  });
}
