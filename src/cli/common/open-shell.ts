import { commandArgs } from "../../model/docker-syntax.ts";
import { log } from "../../ui/output/log.ts";
import { printJson } from "../../ui/output/print.ts";
import { runAttached } from "../../runtime/sessions/attached.ts";
import { captureCommand, startInInstance } from "../../runtime/sessions/exec.ts";
import * as args from "../args/common.ts";
import { printCaptured } from "./print-captured.ts";
import { requireInstanceForCommand } from "./resolve-instance.ts";

interface ShellCall {
  readonly service: string;
  readonly instance?: string | undefined;
  /** A line for the shell; without it a session is opened. */
  readonly command?: string | undefined;
  readonly user?: string | undefined;
  readonly workdir?: string | undefined;
  readonly env?: string | undefined;
  readonly privileged?: boolean | undefined;
  readonly detach?: boolean | undefined;
  readonly capture?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Opens a shell in an instance, or runs a command there; returns its exit status. */
export async function openShell(call: ShellCall): Promise<number> {
  const { command, user, workdir: workingDir, privileged, detach, capture, json } = call;
  const settings = { user, workingDir, env: envLines(call.env), privileged };
  const { engine, instance } = await requireInstanceForCommand("shell", call);
  if (detach) {
    const line = args.requireArgument(command, "command", "reyns shell web detach -- sync-all");
    await startInInstance(engine, instance.id, { ...settings, command: commandArgs(line) });
    if (json) printJson({ service: instance.service, instance: instance.instance });
    else log.success(`started in ${instance.host}`);
    return 0;
  }
  if (!capture && !json) return runAttached(engine, instance.id, command, process, settings);
  const example = 'reyns shell demo two command="hostname" json';
  const line = args.requireArgument(command, "command", example);
  return printCaptured(await captureCommand(engine, instance.id, line, settings));
}

function envLines(env: string | undefined): string[] {
  return Object.entries(args.parseEnv(env)).map((variable) => variable.join("="));
}
