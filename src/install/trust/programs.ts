import type { Argv } from "./store.ts";

/** Where programs for the administrator are, which a user's PATH need not have. */
const usualFolders = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

/** Finds a program. Returns undefined if this machine has none of that name. */
export function findProgram(name: string, env: NodeJS.ProcessEnv): string | undefined {
  return Bun.which(name, { PATH: `${env["PATH"] ?? ""}:${usualFolders}` }) ?? undefined;
}

export interface ProgramOutput {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program without input, and collects its output. */
export async function runProgram(argv: Argv): Promise<ProgramOutput> {
  const child = Bun.spawn([...argv], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const ended = Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const [stdout, stderr, status] = await ended;
  return { stdout, stderr, status };
}
