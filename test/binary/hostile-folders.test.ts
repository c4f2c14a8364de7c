import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, chown, mkdir, readdir, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(600_000);

const files = {
  "default.conf": '[{"service": "web", "instance": "one", "persistent_data": true}]',
  "services/web/Dockerfile": "FROM reyns/reyns-base\n",
  "services/web/required_env_vars.json": "[]",
  "host.conf": "{}",
};

/** What may come with a folder from elsewhere: from a clone, an archive, another user. */
const paths = `
default.conf
.env
other.conf
host.conf
.gitignore
services/web/Dockerfile
services/web/required_env_vars.json
data_shop/.reyns-project
.git/info/exclude
.reyns
.reyns/.gitignore
.reyns/lock
.reyns/project.json
.reyns/expected.json
.reyns/builds.json
.reyns/keys
.reyns/keys/id_ed25519
.reyns/keys/tsig.key
.reyns/keys/ssh_host_ca_ed25519
`
  .trim()
  .split("\n");

const kinds: Readonly<Record<string, (path: string, victim: string) => unknown>> = {
  pipe: (path) => Bun.spawnSync(["mkfifo", path]),
  device: (path) => symlink("/dev/zero", path),
  "link to a file elsewhere": async (path, victim) => {
    await Bun.write(victim, "kept");
    await symlink(victim, path);
  },
  "link to a folder elsewhere": async (path, victim) => {
    await mkdir(victim);
    await Bun.write(join(victim, "file"), "kept");
    await symlink(victim, path);
  },
};

const calls = ["check", "ps", "plan", "keys", "keys export -", "stop all", "clean all force=true"];

async function contentsOf(victim: string): Promise<string> {
  if (await Bun.file(victim).exists()) return Bun.file(victim).text();
  const names = await readdir(victim).catch(() => []);
  const texts = await Promise.all(names.map((name) => Bun.file(join(victim, name)).text()));
  return [...names, ...texts].join(" ");
}

/** Faults of all calls in a project in which something hostile stands in a file's place. */
async function faultsOf(path: string, kind: string): Promise<unknown[]> {
  await using outer = await createProject({}, { offline: true });
  const folder = join(outer.folder, "shop");
  const project: Project = await createProject(files, { offline: true });
  const [target, victim] = [join(project.folder, path), join(folder, "victim")];
  try {
    await mkdir(folder);
    await mkdir(dirname(target), { recursive: true });
    await rm(target, { recursive: true, force: true });
    await kinds[kind]?.(target, victim);
    const before = await contentsOf(victim);
    const faults: unknown[] = [];
    for (const call of calls) {
      // Neither waits for a pipe nor reads a device; a timeout ends it with 124.
      const { status, stderr } = await project.reyns(call, {
        env: { PROJECT_NAME: "shop" },
        inside: [Bun.which("timeout") ?? "", "60"],
      });
      const isPlain = [0, 1, 2].includes(status) && !stderr.includes("bug in Reyns");
      const after = await contentsOf(victim);
      if (!isPlain || after !== before) faults.push({ path, kind, call, status, stderr, after });
    }
    return faults;
  } finally {
    await project[Symbol.asyncDispose]();
  }
}

describe("a project's folder from elsewhere: nothing hangs, and nothing outside is written", () => {
  test.each(Object.keys(kinds))("with a %s in the place of each file", async (kind) => {
    const faults: unknown[] = [];
    for (const path of paths) faults.push(...(await faultsOf(path, kind)));
    expect(faults).toEqual([]);
  });

  test("the user's own keys do not become those of the project through a link", async () => {
    await using project = await createProject(files, { offline: true });
    await using own = await createProject(files, { offline: true });
    await own.must("keys export -");
    for (const link of [".reyns", ".reyns/keys", ".reyns/keys/id_ed25519"]) {
      await rm(join(project.folder, ".reyns"), { recursive: true, force: true });
      await mkdir(dirname(join(project.folder, link)), { recursive: true });
      await symlink(join(own.folder, link), join(project.folder, link));
      const { status, stdout, stderr } = await project.reyns("keys export -");
      expect({ link, isDone: status === 0, stdout, stderr }).toEqual({
        ...{ link, isDone: false, stdout: "" },
        stderr: expect.stringMatching(/is a symbolic link, not a folder|not a key file/),
      });
    }
  });
});

test.skipIf(process.getuid?.() !== 0)(
  "a reyns.ts that another user has put into a public folder above is not run",
  async () => {
    const script = 'import { project } from "reyns";\nproject("x");\nconsole.log("RUN");\n';
    await using shared = await createProject({ "reyns.ts": script }, { offline: true });
    const [below, file] = [join(shared.folder, "below"), join(shared.folder, "reyns.ts")];
    await mkdir(below);
    await chmod(shared.folder, 0o1777);
    await chown(file, 65_534, 65_534);
    const call = (folder: string) => shared.reyns(["check"], { inside: ["env", "-C", folder] });
    const refused = await call(below);
    expect(refused.status).toBe(2);
    expect(refused.stdout + refused.stderr).not.toContain("RUN");
    expect(refused.stderr).toContain(`${file} belongs to another user`);
    expect((await call(shared.folder)).stdout).toContain("RUN");
    await chmod(shared.folder, 0o755);
    expect((await call(below)).stdout).toContain("RUN");
  },
);
