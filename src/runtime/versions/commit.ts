/** Folder -> what it is at; looked up once a call. */
const described = new Map<string, Promise<string | undefined>>();

/**
 * The commit that a folder is at, with `-dirty` where files differ from it.
 *
 * @see https://git-scm.com/docs/git-describe
 */
export function describeCommit(folder: string): Promise<string | undefined> {
  const known = described.get(folder) ?? describeHead(folder);
  described.set(folder, known);
  return known;
}

async function describeHead(folder: string): Promise<string | undefined> {
  const words = ["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"];
  const text = await askGit(folder, words);
  return text !== undefined && /^[\w-]{1,64}$/.test(text) ? text : undefined;
}

/** @returns undefined when there is no git, or it fails */
export async function askGit(
  folder: string,
  words: readonly string[],
): Promise<string | undefined> {
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
