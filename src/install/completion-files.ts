import { writeFile } from "node:fs/promises";

/**
 * Writes anew what the installer has put there for the shells, as another version prints it. One that prints nothing
 * leaves them as they are: without an answer to complete, nothing is.
 */
export async function rewriteCompletionFiles(
  executable: string,
  files: readonly string[],
): Promise<void> {
  for (const file of files) {
    const words = [executable, "completion", shellOf(file)];
    const child = Bun.spawn(words, { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
    const [script, status] = await Promise.all([child.stdout.text(), child.exited]);
    if (status === 0 && script !== "") await writeFile(file, script);
  }
}

function shellOf(file: string): string {
  return /\.(fish|zsh)$/.exec(file)?.[1] ?? "bash";
}
