import type { ExecOutput } from "../../runtime/sessions/exec.ts";

/** Runs a program on this process's own streams; returns its exit status. */
export async function spawnInTerminal(argv: readonly string[]): Promise<number> {
  const child = Bun.spawn([...argv], { stdin: "inherit", stdout: "inherit", stderr: "inherit" });
  // Ctrl-C is meant for the program, which the terminal sends it to as well.
  const ignore = (): void => {};
  process.on("SIGINT", ignore);
  const status = await child.exited;
  process.off("SIGINT", ignore);
  return status;
}

/** Runs a program and collects its output. */
export async function spawnAndCapture(argv: readonly string[]): Promise<ExecOutput> {
  const child = Bun.spawn([...argv], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, exitStatus] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitStatus };
}
