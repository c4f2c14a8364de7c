/** What git tells of a folder. */
export interface CommitState {
  /** The whole digest; null without git, without a repository or without a commit. */
  readonly commit: string | null;
  /** Whether the folder's files are those of the commit. */
  readonly clean: boolean | null;
}

/** The commit that a folder is at, and whether its files differ from it: changed, missing or untracked ones. */
export async function readCommit(folder: string): Promise<CommitState> {
  const [commit, changes] = await Promise.all([
    askGit(folder, ["rev-parse", "--verify", "HEAD"]),
    askGit(folder, ["status", "--porcelain", "--untracked-files=normal", "--", "."]),
  ]);
  if (commit === undefined || !/^[0-9a-f]{40,64}$/.test(commit))
    return { commit: null, clean: null };
  return { commit, clean: changes === undefined ? null : changes === "" };
}

/** @returns undefined when there is no git, or it fails */
async function askGit(folder: string, words: readonly string[]): Promise<string | undefined> {
  const git = Bun.which("git");
  if (!git) return undefined;
  // A repository may name a program as its file system monitor, and looking must not change the index.
  const safe = ["-c", "core.fsmonitor=false", "--no-optional-locks"];
  const child = Bun.spawn([git, ...safe, ...words], {
    cwd: folder,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  const [text, status] = await Promise.all([child.stdout.text(), child.exited]);
  return status === 0 ? text.trim() : undefined;
}
