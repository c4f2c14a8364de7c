import { selfCommand } from "../../lib/self-command.ts";
import { copyVariable } from "../../project/copies.ts";
import { nodeVariable, partialVariable } from "../../project/locate.ts";
import type { ThrowAwayRecord } from "../../runtime/lock/throw-away.ts";
import { withSlowNotice } from "../../ui/progress/slow-notice.ts";

/**
 * Removes the copy of a `reyns test` by a call of its own: neither Ctrl-C nor the end of this process breaks it off, and
 * its Engine and data folder may be others than those of this call. Nothing in it is worth an orderly end.
 *
 * @returns why it could not be removed; undefined when it is gone
 */
export async function removeThrowAway(
  folder: string,
  name: string,
  { project, env }: ThrowAwayRecord,
): Promise<string | undefined> {
  const words = ["clean", "all", `copy=${name}`, "force=true", "timeout=0", "quiet"];
  const selected = Object.entries(env).map(([key, value]) => [key, value ?? undefined] as const);
  const child = Bun.spawn([...selfCommand(), ...words], {
    cwd: folder,
    env: {
      ...process.env,
      ...Object.fromEntries(selected),
      [nodeVariable]: undefined,
      [partialVariable]: undefined,
      PROJECT_DIR: folder,
      [copyVariable]: name,
      ...(project === "" ? {} : { PROJECT_NAME: project }),
    },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    detached: true,
  });
  const ended = Promise.all([child.stderr.text(), child.exited]);
  const [text, status] = await withSlowNotice(`removing the copy ${name}`, ended);
  if (status === 0) return undefined;
  const [line = ""] = text.trim().split("\n");
  return line.replace(/^error /, "") || `status ${status}`;
}
