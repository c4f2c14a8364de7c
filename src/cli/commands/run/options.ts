import type { ParsedArgs } from "citty";
import { parseArgsStringToArgv } from "string-argv";
import { ReynsError } from "../../../errors.ts";
import type { SessionKind } from "../../../model/container-spec.ts";
import * as args from "../../args/common.ts";
import type { runArgs } from "../../args/run.ts";
import type { Project } from "../../../model/project.ts";
import { summarizeList } from "../../../lib/summarize-list.ts";
import type { OneOff, Selection } from "../../../plan/select/selection.ts";
import type { RunPlan } from "../../../plan/run-plan.ts";
import type { ValidReceipt } from "../../../runtime/receipts/store.ts";
import type { MatchedReceipt } from "../../common/receipts/match.ts";
import type { SavedPlan } from "./plan-file.ts";

export type RunArgs = ParsedArgs<typeof runArgs>;

/** The settings that `run` and `plan` share. */
type SettingArgs = Pick<
  RunArgs,
  "timeout" | "parallel" | "allowPublic" | "json" | "yes" | "keep" | "prune" | "adopt"
> &
  Partial<Pick<RunArgs, "build" | "pull" | "stopTimeout">>;

/** How instances are run, whichever they are. */
interface RunSettings {
  /** Seconds for each instance to become ready; undefined: its own timeout. */
  readonly timeout: number | undefined;
  /** Seconds for what is replaced to end; undefined: its own. */
  readonly stopTimeout: number | undefined;
  readonly parallel: boolean;
  readonly allowPublic: boolean;
  readonly json: boolean;
  readonly yes: boolean;
  /** Leaves changed instances as they are. */
  readonly keep: boolean;
  /** Removes instances whose definition is gone. */
  readonly prune: boolean;
  /** Takes over what Docker Compose has started here. */
  readonly adopt: boolean;
  /** Builds first what has changed in the folders of services. */
  readonly buildFirst: boolean;
  /** Fails where an image would have to be built. */
  readonly neverBuild: boolean;
  /** Pulls the ready images first. */
  readonly pullFirst: boolean;
}

/** A run of selected instances of a project. */
export interface RunOptions extends RunSettings {
  readonly project: Project;
  readonly selections: readonly Selection[];
  /** Replaces the selected instances, changed or not. */
  readonly recreate: boolean;
  /** Its first plan no longer fitted what is on the Engine: images are renewed, and notes are given, once. */
  readonly isPlannedAgain?: boolean;
  /** This plan is made before images are renewed: what they declare now does not count. */
  readonly isBeforeRenewal?: boolean;
  /** Does what this plan says, or nothing. */
  readonly savedPlan?: SavedPlan | undefined;
  /** Starts what this receipt says was tested, or nothing. */
  readonly receipt?: ValidReceipt | undefined;
  /** What that is on the Engine of a node; undefined: found out when the Engine is observed. */
  readonly matched?: MatchedReceipt | undefined;
  /** Variables that the definition has for a machine; they come before the caller's. */
  readonly machineVariables?: Readonly<Record<string, string>> | undefined;
  /** Services of Docker Swarm that its Engine does not tell of are none of its business. */
  readonly leavesServices?: boolean | undefined;
  /** Called before anything starts, when the output of what starts is shown. */
  readonly onPlan?: ((plan: RunPlan) => Promise<void>) | undefined;
}

/** How long a call stays with the instances that it has started, and what it exits with. */
export interface AttachOptions {
  /** The first instance that ends ends all. */
  readonly abortOnExit: boolean;
  /** The service whose exit status counts. */
  readonly exitCodeFrom: string | undefined;
  /** The services whose output is shown; undefined: all that the call starts. */
  readonly show: readonly string[] | undefined;
}

/**
 * What `run all env=NAME=value` is about to change, for a warning: a variable for one service is seldom meant for all.
 *
 * @param hosts the instances that the call names, or all
 */
export function envWarning(
  { service, env, oneOff }: Pick<Selection, "service" | "env" | "oneOff">,
  hosts: readonly string[],
): string | undefined {
  const names = Object.keys(env);
  if (service !== "all" || names.length === 0 || oneOff || hosts.length < 2) return undefined;
  return `env sets ${names.join(", ")} in all ${hosts.length} instances, and replaces those in which it differs: ${summarizeList(hosts, 8)}; to set it in one: reyns run SERVICE env=NAME=value`;
}

/** @throws ReynsError INVALID_VALUE */
export function runSettings(parsed: SettingArgs): RunSettings {
  const { parallel = false, allowPublic = false, json = false, yes = false } = parsed;
  const { keep = false, prune = false, adopt = false } = parsed;
  const { build, pull: pullFirst = false } = parsed;
  const timeout = args.parseSeconds(parsed.timeout);
  const stopTimeout = args.parseSeconds(parsed.stopTimeout, "stop_timeout");
  const renew = { buildFirst: build === true, neverBuild: build === false, pullFirst };
  const times = { timeout, stopTimeout };
  return { ...times, parallel, allowPublic, json, yes, keep, prune, adopt, ...renew };
}

/**
 * The command that a call wants to run in a fresh container, if it does.
 *
 * @throws ReynsError INVALID_VALUE when it has options for one and no command
 */
export function parseOneOff(
  { command, rm, user, workdir, entrypoint, ports }: OneOffArgs,
  session: SessionKind,
): OneOff | undefined {
  const isOfFolder = ports === "free" || ports === "fixed";
  if (command !== undefined || rm) {
    if (isOfFolder)
      throw new ReynsError("INVALID_VALUE", `ports=${ports} does not go with a command`, {
        hint: "it is for all instances of the folder: reyns run all ports=free; then publish them with ports=true",
      });
    const words = command === undefined ? undefined : args.splitArgv(command);
    const program = entrypoint === undefined ? undefined : parseArgsStringToArgv(entrypoint);
    const settings = { user, workingDir: workdir, entrypoint: program, ports: ports === "true" };
    return { command: words, session, ...settings };
  }
  const isPlain = [user, workdir, entrypoint].every((value) => value === undefined);
  if (isPlain && (ports === undefined || isOfFolder)) return undefined;
  throw new ReynsError("INVALID_VALUE", "user, workdir, entrypoint and ports belong to a command", {
    hint: "for example: reyns run web user=root -- id",
  });
}

type OneOffArgs = Pick<RunArgs, "command" | "rm" | "user" | "workdir" | "entrypoint" | "ports">;
