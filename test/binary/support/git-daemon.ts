import { join } from "node:path";
import { must, run, temporaryFolder, until } from "../../engine/support/images-container.ts";
import { freePort } from "./free-port.ts";

/** A repository that a git daemon on this machine serves. */
export interface GitRepository extends AsyncDisposable {
  readonly url: string;
  /** Writes files and commits them on the branch `main`. */
  commit(files: Readonly<Record<string, string>>): Promise<void>;
}

export async function serveRepository(): Promise<GitRepository> {
  const folder = await temporaryFolder();
  const repository = join(folder.path, "web.git");
  const git = (...words: string[]): Promise<string> =>
    must("git", "-C", repository, "-c", "user.name=a", "-c", "user.email=a@example.org", ...words);
  await must("git", "init", "--quiet", "--initial-branch=main", repository);
  const port = await freePort();
  const options = ["--export-all", "--reuseaddr", "--listen=127.0.0.1", `--port=${port}`];
  const daemon = Bun.spawn(["git", "daemon", ...options, `--base-path=${folder.path}`], {
    stdout: "ignore",
    stderr: "ignore",
  });
  const url = `git://127.0.0.1:${port}/web.git`;
  const served = async (): Promise<boolean> => (await run(["git", "ls-remote", url])).status === 0;
  await until("the git daemon to answer", served);
  return {
    url,
    commit: async (files) => {
      for (const [name, text] of Object.entries(files))
        await Bun.write(join(repository, name), text);
      await git("add", "--all");
      await git("commit", "--quiet", "--message=change");
    },
    [Symbol.asyncDispose]: async () => {
      daemon.kill();
      await daemon.exited;
      await folder[Symbol.asyncDispose]();
    },
  };
}
