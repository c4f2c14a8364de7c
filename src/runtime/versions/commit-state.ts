import { askGit } from "./commit.ts";

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
