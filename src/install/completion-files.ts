import { writeFile } from "node:fs/promises";

/**
 * Rewrites the shells' completion files as the given version prints them. Keeps a file if that version prints nothing
 * for its shell.
 */
export async function rewriteCompletionFiles(
  executable: string,
  files: readonly string[],
): Promise<void> {
  for (const file of files) {
    const command = [executable, "completion", shellOf(file)];
    const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
    const [script, status] = await Promise.all([child.stdout.text(), child.exited]);
    if (status === 0 && script !== "") await writeFile(file, script);
  }
}

function shellOf(file: string): string {
  return /\.(fish|zsh)$/.exec(file)?.[1] ?? "bash";
}
