import type { Environment } from "../../lib/environment.ts";
import type { ExecOutput } from "../../runtime/sessions/exec.ts";

/**
 * Runs a program on this process's own streams; returns its exit status.
 *
 * @param env variables besides those of this process
 */
export async function spawnInTerminal(
  argv: readonly string[],
  env: Environment = {},
): Promise<number> {
  const streams = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;
  const child = Bun.spawn([...argv], { ...streams, env: { ...process.env, ...env } });
  // Ctrl-C is meant for the program, which the terminal sends it to as well.
  const ignore = (): void => {};
  process.on("SIGINT", ignore);
  const status = await child.exited;
  process.off("SIGINT", ignore);
  return status;
}

/** Runs a program and collects its output. */
export async function spawnAndCapture(
  argv: readonly string[],
  env: Environment = {},
): Promise<ExecOutput> {
  const streams = { stdin: "ignore", stdout: "pipe", stderr: "pipe" } as const;
  const child = Bun.spawn([...argv], { ...streams, env: { ...process.env, ...env } });
  const [stdout, stderr, exitStatus] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitStatus };
}
