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
  ["reyns doctor", "what this machine lacks, and how to mend it"],
  ["reyns doctor fix=true", "mend what can be mended without harm"],
  ["reyns doctor json", "for a script"],
];

export const command = defineCommand({
  meta: {
    name: "doctor",
    description:
      "Says what this machine and the project's folder lack, each with what mends it: the Engine, disks, port 53, addresses, ssh, keys, base images, leftovers. Exits with 0 when nothing is bad, with 3 when only the Engine is, else with 1.",
  },
  args: {
    fix: {
      type: "boolean",
      description:
        "Mend what cannot do harm: modes of keys, leftovers; as root on Debian and Ubuntu also install and start the Engine, which it asks about",
    },
    yes: args.yes,
    json: args.json,
  },
  run: async ({ args: { fix, yes, json } }) => {
    const found = await runChecks();
    const shown = fix ? await mendAll(found, yes ?? false) : found;
    if (json) printJson(findingsToJson(shown));
    else {
      print(formatFindings(shown));
      log.info(summarizeFindings(shown, fix ?? false));
    }
    return statusOf(shown);
  },
});

/** What becomes of the findings; with another Engine there is more to look at. */
async function mendAll(found: readonly Finding[], yes: boolean): Promise<Diagnosed[]> {
  const mended: Diagnosed[] = [];
  for (const finding of found) mended.push(await mend(finding, yes));
  const isStarted = mended.some(({ check, mended: done }) => check === "engine" && done);
  if (!isStarted) return mended;
  await withSlowNotice("waiting for the Engine", untilItAnswers());
  return [...mended.filter((one) => one.mended !== undefined), ...(await runChecks())];
}

/** It is started, and takes a moment; should it never answer, the examination says so. */
async function untilItAnswers(): Promise<void> {
  const end = performance.now() + 30_000;
  while (performance.now() < end) {
    const { finding } = await checkEngine(process.env);
    if (finding.state === "ok") return;
    await Bun.sleep(200);
  }
}

async function mend(finding: Finding, yes: boolean): Promise<Diagnosed> {
  const { state, fix, question } = finding;
  if (state === "ok" || !fix) return finding;
  if (question !== undefined && !(await isAgreed(question, yes))) return finding;
  try {
    const mended = await withSlowNotice(question?.replace("?", "") ?? "mending", fix());
    return { ...finding, state: "ok", mended };
  } catch (error) {
    const [message, output] =
      error instanceof ReynsError ? [error.message, error.output] : [(error as Error).message, []];
    log.warn([`could not be mended: ${message}`, ...output].join("\n"));
    return finding;
  }
}

/** What changes the machine needs a yes, from a person or from the call. */
async function isAgreed(question: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (canPrompt(yes)) return askYesNo(question, true);
  log.info(`${question} Nobody is here to answer: add yes=True`);
  return false;
}

function statusOf(findings: readonly Finding[]): number {
  const bad = new Set(findings.flatMap(({ check, state }) => (state === "bad" ? check : [])));
  if (bad.size === 0) return 0;
  return bad.size === 1 && bad.has("engine") ? 3 : 1;
}
