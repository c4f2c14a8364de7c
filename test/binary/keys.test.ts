import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { must, run, temporaryFolder } from "../engine/support/images-container.ts";
import { containerIds } from "./support/engine.ts";
import { createDemo, createProject, type Project } from "./support/project.ts";

setDefaultTimeout(60_000);

let demo: Project;

beforeAll(async () => {
  demo = await createDemo();
  await demo.must("build all");
  await demo.must("run all");
}, 300_000);

afterAll(() => demo?.[Symbol.asyncDispose]());

const keysOf = (project: Project): string => join(project.folder, ".reyns/keys");

const names = [
  "id_ed25519",
  "id_ed25519.pub",
  "known_hosts",
  "ssh_host_ed25519_key",
  "ssh_host_ed25519_key.pub",
  "tsig.key",
];

/** The lines of the secret keys that nothing else may hold. */
async function secrets(): Promise<string[]> {
  const read = (name: string): Promise<string> => readFile(join(keysOf(demo), name), "utf8");
  const [user, host, tsig] = await Promise.all(
    ["id_ed25519", "ssh_host_ed25519_key", "tsig.key"].map(read),
  );
  const lines = `${user}${host}`.split("\n").filter((line) => /^[A-Za-z0-9+/=]{50,}$/.test(line));
  const secret = /secret "([^"]+)"/.exec(tsig ?? "")?.[1] ?? "";
  // The first line of a key says its kind, and is the same in all.
  return [...lines.filter((line) => !line.startsWith("b3BlbnNzaC1rZXktdjE")), secret];
}

test("the keys are their owner's alone", async () => {
  expect((await readdir(keysOf(demo))).toSorted()).toEqual(names);
  for (const name of names) expect((await stat(join(keysOf(demo), name))).mode & 0o777).toBe(0o600);
  expect((await stat(keysOf(demo))).mode & 0o777).toBe(0o700);
});

test("they are valid to OpenSSH", async () => {
  for (const name of ["id_ed25519", "ssh_host_ed25519_key"]) {
    const derived = await must("ssh-keygen", "-y", "-f", join(keysOf(demo), name));
    const stored = await readFile(join(keysOf(demo), `${name}.pub`), "utf8");
    expect(stored.trim()).toBe(derived);
  }
});

test("git does not see them", async () => {
  await must("git", "init", "--quiet", demo.folder);
  const seen = await must("git", "-C", demo.folder, "status", "--porcelain", "-uall");
  expect(seen).toContain("reyns.ts");
  expect(seen).not.toContain(".reyns");
});

test("no key is in what the Engine tells of a container", async () => {
  const inspected = await must("docker", "inspect", ...(await containerIds(demo.folder)));
  for (const secret of await secrets()) expect(inspected).not.toContain(secret);
});

test("no key lies in a layer of an image", async () => {
  await using folder = await temporaryFolder();
  const [tar, out] = [join(folder.path, "images.tar"), join(folder.path, "layers")];
  await must("docker", "save", "-o", tar, "reyns-demo/demo", "reyns/reyns-dns");
  await must("mkdir", out);
  await must("tar", "-C", out, "-xf", tar);
  for (const secret of [...(await secrets()), "BEGIN OPENSSH PRIVATE KEY", "BEGIN PRIVATE KEY"]) {
    // Texts of ssh's own programs name the header; keys have a line after it.
    const files = await run(["grep", "-rlaE", `^(-----)?${escaped(secret)}(-----)?$`, out]);
    expect(files.stdout).toBe("");
  }
});

function escaped(text: string): string {
  return text.replace(/[+.]/g, "\\$&");
}

test("without its keys a login says so, and how to mend it", async () => {
  await using other = await createProject({
    "services/web/Dockerfile": "FROM reyns/reyns-base\n",
    "reyns.ts": 'import { service } from "reyns";\nservice("web", { instance: "one" });\n',
  });
  await other.must("run all");
  await rm(keysOf(other), { recursive: true });
  const { status, stderr } = await other.reyns("ssh web one command=true");
  expect(stderr).toContain("error the project's keys are not in ");
  expect(stderr).toContain("or clean it and run it again");
  expect(status).toBe(1);
});

test("another host key is refused, not taken", async () => {
  await using other = await createProject({
    "services/web/Dockerfile": "FROM reyns/reyns-base\n",
    "reyns.ts": 'import { service } from "reyns";\nservice("web", { instance: "one" });\n',
  });
  await other.must("run all");
  await must("cp", join(keysOf(demo), "known_hosts"), join(keysOf(other), "known_hosts"));
  const { status, stderr } = await other.reyns("ssh web one command=true");
  expect(stderr).toContain("Host key verification failed");
  expect(status).toBe(255);
});

test("two first runs at the same time end with the same keys, and both work", async () => {
  await using twins = await createProject({
    "services/web/Dockerfile": "FROM reyns/reyns-base\n",
    "reyns.ts": `import { service } from "reyns";
service("web", { instance: "one" });
service("web", { instance: "two" });
`,
  });
  await twins.must("build all");
  await Promise.all(["one", "two"].map((instance) => twins.must(`run web ${instance}`)));
  expect((await readdir(join(twins.folder, ".reyns"))).toSorted()).toEqual([
    ".gitignore",
    "keys",
    "lock",
  ]);
  for (const instance of ["one", "two"])
    expect(await twins.must(`ssh web ${instance} command=hostname`)).toBe(`web-${instance}`);
});
