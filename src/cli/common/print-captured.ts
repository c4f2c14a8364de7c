import type { ExecOutput } from "../../runtime/sessions/exec.ts";
import { printJson } from "../../ui/output/print.ts";

/** Prints what a command has written and its exit status, and returns that. `exit_code` is what the older tools call it. */
export function printCaptured({ stdout, stderr, exitStatus }: ExecOutput): number {
  printJson({ stdout, stderr, exitCode: exitStatus, exit_code: exitStatus });
  return exitStatus;
}
