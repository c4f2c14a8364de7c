import { relative } from "node:path";
import { defineCommand } from "citty";
import * as args from "../../args/common.ts";
import type { Examples } from "../../help/help.ts";
import { nodesOf } from "../../../model/nodes.ts";
import { ReynsError } from "../../../errors.ts";
import { pluralize } from "../../../lib/pluralize.ts";
import { guardProcess } from "../../../project/tests/run-function.ts";
import { listTests, selectTests, type SelectedTests } from "../../../project/tests/select-tests.ts";
import { selectedCopy } from "../../../project/copies.ts";
import type { ProjectPlace } from "../../../project/locate.ts";
import type { Project } from "../../../model/project.ts";
import { log } from "../../../ui/output/log.ts";
import { print, printJson } from "../../../ui/output/print.ts";
import { formatTestSummary, testToJson } from "../../../ui/views/test-report.ts";
import { oneEngineError } from "../../common/one-engine.ts";
import { loadProject, locateProject } from "../../common/context.ts";
import { checkReportFile } from "./report-file.ts";
import { testCopy, writeReceiptOf, type TestCall, type TestOutcome } from "./run.ts";
import { withTermination } from "./termination.ts";
import { withThrowAwayCopy } from "./throw-away-copy.ts";

export const examples: Examples = [
  ["reyns test", "all tests, in a copy that is removed at the end"],
  ["reyns test orders", 'those with "orders" in their names'],
  ["reyns test junit=report.xml", "with a report for a CI system"],
  ["reyns test keep=true", "leaves the copy for a look"],
  ["reyns test copy=demo", "in a copy that is there already, and stays"],
];

/** Seconds for a test that says nothing. */
const defaultTimeout = 30;

/** Parallel tests at once. */
const defaultParallel = 4;

export const command = defineCommand({
  meta: {
    name: "test",
    description:
      "Runs the tests of the project: those that reyns.ts defines with test(), and instances with test: true. Builds what has changed, starts a new copy of the platform, and removes it with its data at the end, whatever happens. Exits with 0 only if all have passed. When all tests have, writes a receipt of what was tested.",
  },
  args: {
    names: {
      type: "positional",
      required: false,
      valueHint: "NAME...",
      description: "Parts of names of tests; * stands for anything",
    },
    group: args.group,
    conf: args.conf,
    timeout: {
      type: "string",
      valueHint: "SECONDS",
      description: "How long each test may take that sets no timeout; 30 by default",
    },
    parallel: {
      type: "string",
      valueHint: "NUMBER",
      description: "How many tests with parallel: true run at the same time; 4 by default",
    },
    junit: {
      type: "string",
      valueHint: "FILE",
      description: "Write a report in the XML of JUnit",
    },
    keep: { type: "boolean", description: "Leave the copy for a look" },
    yes: args.yes,
    json: args.json,
  },
  run: async ({ args: { names, keep = false, json = false, yes = false, ...given } }) => {
    const startedAt = new Date();
    const limits = readLimits(given);
    const conf = args.parseConfName(given.conf);
    const project = await loadProject(conf);
    if (selectedCopy(process.env) !== undefined && nodesOf(project.conf).length > 0)
      throw oneEngineError("test", "leave copy= out, to test in a copy on your own Engine");
    const place = await locateProject();
    const selected = await readTests(place, project, args.splitValues(names));
    if (selected.leftOut > 0)
      log.warn(`test.only leaves out ${pluralize(selected.leftOut, "test")}`);
    const { group, junit } = given;
    if (junit !== undefined) checkReportFile(junit);
    using _ = guardProcess(project.conf.file ?? "");
    const options = { project, selected, group, conf, junit, json, yes, startedAt, ...limits };
    const { receipt, ...outcome } = await withTermination((signal) =>
      selectedCopy(process.env) === undefined
        ? testInNewCopy(options, keep, signal)
        : testCopy(options, signal),
    );
    report(options, outcome, receipt);
    if (outcome.unwritten !== undefined) log.warn(outcome.unwritten);
    const hasFailed = outcome.results.some(({ status }) => status === "failed");
    return hasFailed || outcome.unwritten !== undefined ? 1 : 0;
  },
});

/** @throws ReynsError INVALID_VALUE */
function readLimits(given: {
  readonly timeout: string | undefined;
  readonly parallel: string | undefined;
}): Pick<TestCall, "seconds" | "parallel"> {
  const seconds = args.parseSeconds(given.timeout) ?? defaultTimeout;
  const parallel =
    given.parallel === undefined
      ? defaultParallel
      : args.parseWholeNumber(given.parallel, "parallel");
  const zero = seconds === 0 ? "timeout" : "parallel";
  if (seconds > 0 && parallel > 0) return { seconds, parallel };
  throw new ReynsError("INVALID_VALUE", `${zero} is "0"`, { hint: "accepted: 1 or more" });
}

/** @throws ReynsError UNKNOWN_TEST */
async function readTests(
  { script }: ProjectPlace,
  project: Project,
  patterns: readonly string[],
): Promise<SelectedTests> {
  const { readScript } = await import("../../../project/script/load.ts");
  const tests = script === undefined ? [] : (await readScript(script)).tests;
  return selectTests(listTests(tests, project), patterns);
}

async function testInNewCopy(
  call: TestCall,
  keep: boolean,
  signal: AbortSignal,
): Promise<TestOutcome> {
  const { name: project, folder } = call.project;
  const work = async (): Promise<TestOutcome> => {
    const outcome = await testCopy(call, signal);
    return { ...outcome, receipt: await writeReceiptOf(call, outcome) };
  };
  return withThrowAwayCopy({ project, folder, keep }, work, signal);
}

function report(
  { json, project }: TestCall,
  { results, milliseconds }: TestOutcome,
  receipt: TestOutcome["receipt"],
): void {
  if (json) {
    const { name, conf } = project;
    const tests = results.map(testToJson);
    printJson({ project: name, conf: conf.name, milliseconds, receipt: receipt ?? null, tests });
    return;
  }
  print(formatTestSummary(results, milliseconds));
  if (receipt !== undefined) print(`receipt: ${relative(process.cwd(), receipt)}`);
}
