import { ReynsError } from "../../../errors.ts";
import { isRunning } from "../../../model/observed.ts";
import type { Environment } from "../../../lib/environment.ts";
import { summarizeList } from "../../../lib/summarize-list.ts";
import type { Project } from "../../../model/project.ts";
import { lastConfKey, readHostValues } from "../../../project/host-conf.ts";
import { listInstances, loadProject } from "../../common/context.ts";
import type { CheckCall } from "./definition-mistakes.ts";
import type { RunOptions } from "./options.ts";

/** The hosts that run, by their conf. */
type RunningConfs = ReadonlyMap<string, readonly string[]>;

/**
 * Asks before a conf that the call names changes what another one runs here.
 *
 * @throws ReynsError ANSWER_NEEDED, without a terminal
 */
export async function confirmSecondConf(wanted: string, options: RunOptions): Promise<void> {
  const confs = await withMistakesFirst(listConfs(), { project: options.project });
  const others = confsJoined(wanted, [...confs.keys()]);
  if (others.length === 0) return;
  const { describeJoin } = await import("./describe-join.ts");
  const joined = others.flatMap((name) => confs.get(name) ?? []);
  const effect = await describeJoin(joined, options);
  if (effect === undefined) return;
  const names = others.join('", "');
  const { confirmOrCancel } = await import("../../../ui/prompts/prompts.ts");
  const [running, wayBack] =
    others.length === 1
      ? [`conf "${names}" runs`, `leave conf= out to go on with "${names}"`]
      : [`confs "${names}" run`, "name a conf that runs to go on with it: conf=NAME"];
  await confirmOrCancel({
    question: `The ${running} here. "${wanted}" ${effect}. Run it?`,
    hint: `add yes=true to run it; ${wayBack}`,
    yes: options.yes,
  });
}

/** The running confs that a conf would join; none where it runs already. */
export function confsJoined(wanted: string, running: readonly string[]): readonly string[] {
  return running.includes(wanted) ? [] : running;
}

/**
 * Reads the conf that the call names, or the one that runs here.
 *
 * @param checkCall throws what is wrong with the call, which is reported even if no Engine answers
 * @throws ReynsErrors with the mistakes of the definition, also where no Engine answers
 */
export async function loadRunningProject(
  conf: string | undefined,
  env?: Environment,
  checkCall?: CheckCall,
): Promise<Project> {
  const known = { project: undefined, checkCall, ...(env && { env }) };
  return loadProject(conf ?? (await withMistakesFirst(runningConf(), known)), env);
}

/** What a call is about, as far as that is known without an Engine. */
interface Mistakable {
  /** Undefined where it is not read yet. */
  readonly project: Project | undefined;
  readonly env?: Environment;
  readonly checkCall?: CheckCall | undefined;
}

/** Resolves to what is asked of an Engine. If none answers, the mistakes of the definition and the call come first. */
export async function withMistakesFirst<Value>(
  answer: Promise<Value>,
  { project, env = process.env, checkCall }: Mistakable,
): Promise<Value> {
  try {
    return await answer;
  } catch (error) {
    const { reportMistakes } = await import("./definition-mistakes.ts");
    await reportMistakes(error, { project, env, checkCall });
    throw error;
  }
}

/**
 * The conf whose instances run here.
 *
 * @returns undefined where none runs
 * @throws ReynsError AMBIGUOUS_INSTANCE when there are several
 */
async function runningConf(): Promise<string | undefined> {
  const confs = await listConfs();
  if (confs.size < 2) return [...confs.keys()][0];
  const texts = [...confs].map(([name, hosts]) => `${name} (${summarizeList(hosts, 4)})`);
  const message = `several confs run here: ${texts.join(", ")}`;
  throw new ReynsError("AMBIGUOUS_INSTANCE", message, { hint: "name one of them: conf=NAME" });
}

async function listConfs(): Promise<RunningConfs> {
  const { instances, place } = await listInstances({ mayBeNew: true, needsDefinition: true });
  const started = new Map<string, string[]>();
  for (const instance of instances) {
    const { conf, host } = instance;
    if (conf === undefined || !isRunning(instance)) continue;
    started.set(conf, [...(started.get(conf) ?? []), host]);
  }
  if (started.size < 2) return started;
  const { findDistinctConfs } = await import("./distinct-confs.ts");
  const last = readHostValues(place)[lastConfKey];
  const distinct = await findDistinctConfs(started, last, place);
  return new Map([...started].filter(([conf]) => distinct.includes(conf)));
}
