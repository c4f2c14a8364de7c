import type { Completed } from "../../runtime/sessions/terminal.ts";

/** Runs a program with this process's own streams; returns its exit status. */
export async function spawnInTerminal(words: readonly string[]): Promise<number> {
  const child = Bun.spawn([...words], { stdin: "inherit", stdout: "inherit", stderr: "inherit" });
  // Ctrl-C belongs to whoever has the terminal: the program, not us.
  const ignore = (): void => {};
  process.on("SIGINT", ignore);
  const status = await child.exited;
  process.off("SIGINT", ignore);
  return status;
}

/** Runs a program to its end and collects what it wrote. */
export async function spawnAndCapture(words: readonly string[]): Promise<Completed> {
  const child = Bun.spawn([...words], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, exitStatus] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitStatus };
}
