import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const root = dirname(import.meta.dir);
const folder = join(root, "dist", "tools", "docker-compose");
const unpacked = join(folder, "usr", "bin", "docker-compose");

/** Finds docker-compose on the PATH or where `fetchCompose` unpacked it. */
export async function findCompose(): Promise<string | undefined> {
  const onPath = Bun.which("docker-compose");
  if (onPath) return onPath;
  return (await Bun.file(unpacked).exists()) ? unpacked : undefined;
}

async function run(command: readonly string[], cwd: string): Promise<void> {
  const child = Bun.spawn([...command], { cwd, stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const [problem, status] = await Promise.all([child.stderr.text(), child.exited]);
  if (status !== 0) throw new Error(`${command[0]} ended with status ${status}: ${problem.trim()}`);
}

/** The Debian mirror of this machine's apt configuration. */
async function readMirror(): Promise<string> {
  const { stdout } = Bun.spawnSync(["apt-get", "indextargets", "--format", "$(REPO_URI)"]);
  const first = stdout
    .toString()
    .split("\n")
    .find((line) => /\/debian\/?$/.test(line));
  if (first === undefined) throw new Error("apt has no Debian mirror for docker-compose");
  return first;
}

/**
 * Downloads docker-compose from another release of Debian and unpacks it below dist/tools. Does not change the system: the
 * lists and the cache of apt are in a temporary folder.
 *
 * @returns the path of the executable
 */
export async function fetchCompose(release = "sid"): Promise<string> {
  await mkdir(folder, { recursive: true });
  const scratch = await mkdtemp(join(folder, "apt-"));
  try {
    await mkdir(join(scratch, "lists"));
    const sources = join(scratch, "sources.list");
    await writeFile(sources, `deb [trusted=yes] ${await readMirror()} ${release} main\n`);
    const options = [
      `-oDir::Etc::SourceList=${sources}`,
      "-oDir::Etc::SourceParts=/dev/null",
      `-oDir::State::Lists=${join(scratch, "lists")}`,
      `-oDir::Cache=${scratch}`,
      "-oAPT::Sandbox::User=root",
    ];
    await run(["apt-get", ...options, "update"], scratch);
    await run(["apt-get", ...options, "download", "docker-compose"], scratch);
    const deb = (await readdir(scratch)).find((name) => name.endsWith(".deb"));
    if (!deb) throw new Error(`Debian ${release} has no docker-compose package`);
    await run(["dpkg-deb", "-x", join(scratch, deb), folder], scratch);
    return unpacked;
  } finally {
    await rm(scratch, { recursive: true });
  }
}
