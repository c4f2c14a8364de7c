import { defineCommand } from "citty";
import { ReynsError } from "../../../errors.ts";
import { selectInstances } from "../../../plan/select/select.ts";
import type { Examples } from "../../help/help.ts";
import { log } from "../../../ui/output/log.ts";
import { printJson } from "../../../ui/output/print.ts";
import { isTerminal } from "../../../ui/output/style.ts";
import { parseConfName, parseJobs, parseSeconds, withAllowed } from "../../args/common.ts";
import { parseSelection, runArgs } from "../../args/run.ts";
import { lockOptions, withProjectLock } from "../../common/with-project-lock.ts";
import type { Project } from "../../../model/project.ts";
import { confirmSecondConf, loadRunningProject } from "./resolve-conf.ts";
import {
  envWarning,
  parseOneOff,
  runSettings,
  type AttachOptions,
  type RunArgs,
  type RunOptions,
} from "./options.ts";
import { runInstances } from "./run-instances.ts";
import { loadProject, locateProject } from "../../common/context.ts";
import type { ValidReceipt } from "../../../runtime/receipts/store.ts";

export const examples: Examples = [
  ["reyns run all", "everything that reyns.ts defines"],
  ["reyns run web", "one service, with everything that it needs"],
  ["reyns run web one", "one instance"],
  ["reyns run web new=true", "one more instance, with a random name"],
  ["reyns run web -- python3 manage.py shell", "a command in a fresh container of the service"],
  ["reyns run migrate rm", "the service's own command, in a fresh container"],
  ["reyns run all build=true", "and build first what has changed"],
  ["reyns run all attach", "with the output of all, until Ctrl-C stops them"],
  ["reyns run all exit_code_from=tests", "for CI: ends with tests, and with its status"],
  ["reyns run all receipt=latest", "exactly what reyns test has tested, or nothing"],
  ["reyns run all prune=true", "and remove what is no longer defined"],
  ["reyns run group=node2 conf=prod", "this machine's share of a conf"],
  ["reyns run all copy=demo", "another copy of the project, in the same folder"],
  ["reyns run all copy=demo from=main ttl=3d", "with the project's data, for three days"],
  ["reyns run all ports=free", "a second checkout beside the first one"],
  ["MODE=test reyns run web one", "with a variable for this run"],
  ["reyns run:web,instance=two,publish_ports=True", "the older form"],
];

export const command = defineCommand({
  meta: {
    name: "run",
    description:
      "Makes what runs match the definition, and returns when everything is ready: starts what is missing or stopped, replaces what has changed, and touches nothing else. If a new container does not become ready, the former one runs again. With a route, the former one serves until the new one is ready, and ends what it has begun.",
  },
  args: runArgs,
  run: async ({ args: parsed }) => {
    // What is wrong with the call is reported even if no Engine answers.
    parseSeconds(parsed.wait, "wait");
    parseJobs(parsed.jobs);
    const isPrepared = parsed.ttl !== undefined || parsed.from !== undefined;
    const copies = isPrepared && (await import("./prepare-copy.ts"));
    if (copies) copies.checkCopyCall(parsed);
    const options = await runOptions(parsed);
    const { project } = options;
    if (copies) await copies.prepareCopy(project, parsed);
    const attach = parseAttach(parsed);
    if (attach) {
      const { runAttached } = await import("./run-attached.ts");
      return runAttached(options, attach, lockOptions(project, parsed));
    }
    const { status, instances } = await withProjectLock(lockOptions(project, parsed), (locked) =>
      runInstances(options, locked),
    );
    if (parsed.json && instances) printJson(instances);
    return status;
  },
});

async function runOptions(parsed: RunArgs): Promise<RunOptions> {
  const receipt = await readReceiptOf(parsed);
  const options = await definedOptions(parsed, receipt?.receipt.conf);
  if (receipt || options.project.conf.receipt === "required") {
    const { requireReceipt, noteCommit } = await import("./receipt.ts");
    requireReceipt(options.project, receipt);
    if (receipt) await noteCommit(receipt, options.project.folder);
  }
  return { ...options, receipt };
}

async function readReceiptOf(parsed: RunArgs): Promise<ValidReceipt | undefined> {
  if (parsed.receipt === undefined) return undefined;
  const { parseReceipt } = await import("./receipt.ts");
  return parseReceipt(parsed, await locateProject());
}

/** @param testedConf the conf of the call's receipt */
async function definedOptions(
  parsed: RunArgs,
  testedConf: string | undefined,
): Promise<RunOptions> {
  const settings = { ...runSettings(parsed), recreate: parsed.recreate ?? false };
  const env = withAllowed(process.env, parsed.allow);
  if (parsed.plan !== undefined) {
    const { readPlan, rejectBesidePlan } = await import("./plan-file.ts");
    rejectBesidePlan({ ...parsed, plan: parsed.plan });
    const savedPlan = readPlan(parsed.plan);
    const { selections, keep, prune, conf } = savedPlan;
    return {
      ...settings,
      project: await loadProject(conf, env),
      selections,
      keep,
      prune,
      savedPlan,
    };
  }
  const oneOff = parseOneOff(parsed, isTerminalSession() ? "terminal" : "pipes");
  const wanted = { ...parseSelection(parsed), oneOff };
  const { exitCodeFrom } = parsed;
  // A job that is named runs again.
  const tested = exitCodeFrom === undefined ? [] : [{ ...wanted, service: exitCodeFrom }];
  const selections = [wanted, ...tested];
  const conf = parseConfName(parsed.conf) ?? testedConf;
  await changePorts(parsed.ports);
  // Mistakes in the definition and in the call are reported before the question.
  const selectIn = (known: Project) =>
    selections.map((selection) => selectInstances(known, selection));
  const project = await loadRunningProject(conf, env, selectIn);
  const [selected = []] = selectIn(project);
  const warning = envWarning(
    wanted,
    selected.map(({ host }) => host),
  );
  if (warning !== undefined) log.warn(warning);
  const options = { ...settings, project, selections };
  if (conf !== undefined) await confirmSecondConf(conf, options);
  return options;
}

/** Remembers which ports this folder has, before its definition is read. */
async function changePorts(ports: RunArgs["ports"]): Promise<void> {
  if (ports !== "free" && ports !== "fixed") return;
  const { saveFolderPorts } = await import("../../common/folder-ports.ts");
  saveFolderPorts(await locateProject(), ports);
}

/** @throws ReynsError INVALID_VALUE for arguments that contradict each other */
function parseAttach(parsed: RunArgs): AttachOptions | undefined {
  const { attach, abortOnExit, exitCodeFrom, json, command: words, rm } = parsed;
  const show = parsed.show?.split(",").map((name) => name.trim());
  if (!attach && !abortOnExit && exitCodeFrom === undefined && !show) return undefined;
  if (json || rm || words !== undefined)
    throw new ReynsError(
      "INVALID_VALUE",
      `attach cannot be combined with ${json ? "json" : "a command"}`,
      {
        hint: json ? "for lines of JSON: reyns logs all follow json" : "its output is shown anyway",
      },
    );
  return { abortOnExit: Boolean(abortOnExit) || exitCodeFrom !== undefined, exitCodeFrom, show };
}

function isTerminalSession(): boolean {
  return isTerminal("stdin") && isTerminal("stdout");
}
