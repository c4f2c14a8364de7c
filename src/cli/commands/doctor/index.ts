import { defineCommand } from "citty";
import * as args from "../../args/common.ts";
import {
  findingsToJson,
  summarizeFindings,
  formatFindings,
  type Diagnosed,
} from "../../../ui/views/findings.ts";
import type { Examples } from "../../help/help.ts";
import { log } from "../../../ui/output/log.ts";
import { print, printJson } from "../../../ui/output/print.ts";
import { canPrompt, askYesNo } from "../../../ui/prompts/prompts.ts";
import { withSlowNotice } from "../../../ui/progress/slow-notice.ts";
import { checkEngine } from "../../../runtime/doctor/engine.ts";
import type { Finding } from "../../../runtime/doctor/finding.ts";
import { ReynsError } from "../../../errors.ts";
import { runChecks } from "./run-checks.ts";

export const examples: Examples = [
  ["reyns doctor", "problems, and how to fix them"],
  ["reyns doctor fix=true", "applies the fixes that are safe"],
  ["reyns doctor json", "for a script"],
];

export const command = defineCommand({
  meta: {
    name: "doctor",
    description:
      "Checks this machine and the project, and tells you how to fix each problem: the Engine, disks, port 53, addresses, ssh, keys, base images, networks, the swarm, leftovers. Exits with 0 when nothing is bad, with 3 when only the Engine is, else with 1.",
  },
  args: {
    fix: {
      type: "boolean",
      description:
        "Apply the fixes that are safe: modes of keys, leftovers; as root on Debian and Ubuntu, after a question, also install and start the Engine",
    },
    yes: args.yes,
    json: args.json,
  },
  run: async ({ args: { fix = false, yes = false, json } }) => {
    const found = await runChecks();
    const shown = fix ? await fixAll(found, yes) : found;
    if (json) printJson(findingsToJson(shown));
    else {
      print(formatFindings(shown));
      log.info(summarizeFindings(shown, fix));
    }
    return exitStatus(shown);
  },
});

/** Applies all fixes. Checks again when the Engine was started, which most checks need. */
async function fixAll(found: readonly Finding[], yes: boolean): Promise<Diagnosed[]> {
  const results: Diagnosed[] = [];
  for (const finding of found) results.push(await applyFix(finding, yes));
  const fixed = results.filter((result) => result.fixed !== undefined);
  if (fixed.every(({ check }) => check !== "engine")) return results;
  await withSlowNotice("waiting for the Engine", waitForEngine());
  return [...fixed, ...(await runChecks())];
}

/** Waits until a started Engine answers; if it never does, the next check reports it. */
async function waitForEngine(): Promise<void> {
  const end = performance.now() + 30_000;
  while (performance.now() < end) {
    const { finding } = await checkEngine(process.env);
    if (finding.state === "ok") return;
    await Bun.sleep(200);
  }
}

async function applyFix(finding: Finding, yes: boolean): Promise<Diagnosed> {
  const { state, fix, question } = finding;
  if (state === "ok" || !fix) return finding;
  if (question !== undefined && !(await isApproved(question, yes))) return finding;
  try {
    const fixed = await withSlowNotice(question?.replace("?", "") ?? "fixing", fix(), {
      printsOutput: true,
    });
    return { ...finding, state: "ok", fixed };
  } catch (error) {
    const [message, output] =
      error instanceof ReynsError ? [error.message, error.output] : [(error as Error).message, []];
    log.warn([`could not be fixed: ${message}`, ...output].join("\n"));
    return finding;
  }
}

/** A fix that changes the machine needs an approval, on the terminal or as an argument. */
async function isApproved(question: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (canPrompt(yes)) return askYesNo(question, true);
  log.info(`cannot ask without a terminal: ${question} Add yes=true`);
  return false;
}

function exitStatus(findings: readonly Finding[]): number {
  const bad = findings.filter(({ state }) => state === "bad");
  if (bad.length === 0) return 0;
  return bad.every(({ check }) => check === "engine") ? 3 : 1;
}
