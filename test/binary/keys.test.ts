import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { must, run, temporaryFolder, until } from "../engine/support/images-container.ts";
import { containerIds } from "./support/engine.ts";
import { createDemo, demoName, createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

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
  "ssh_host_ca_ed25519",
  "ssh_host_ca_ed25519.pub",
  "tsig.key",
];

/** The lines of the secret keys that nothing else may hold. */
async function secrets(): Promise<string[]> {
  const read = (name: string): Promise<string> => readFile(join(keysOf(demo), name), "utf8");
  const [user, host, tsig] = await Promise.all(
    ["id_ed25519", "ssh_host_ca_ed25519", "tsig.key"].map(read),
  );
  const lines = `${user}${host}`.split("\n").filter((line) => /^[A-Za-z0-9+/=]{50,}$/.test(line));
  const secret = /secret "([^"]+)"/.exec(tsig ?? "")?.[1] ?? "";
  // The first line of a key says its kind, and is the same in all.
  return [...lines.filter((line) => !line.startsWith("b3BlbnNzaC1rZXktdjE")), secret];
}

test("only their owner can read the keys", async () => {
  expect((await readdir(keysOf(demo))).toSorted()).toEqual(names);
  for (const name of names) expect((await stat(join(keysOf(demo), name))).mode & 0o777).toBe(0o600);
  expect((await stat(keysOf(demo))).mode & 0o777).toBe(0o700);
});

test("OpenSSH accepts the keys", async () => {
  for (const name of ["id_ed25519", "ssh_host_ca_ed25519"]) {
    const derived = await must("ssh-keygen", "-y", "-f", join(keysOf(demo), name));
    const stored = await readFile(join(keysOf(demo), `${name}.pub`), "utf8");
    expect(stored.trim()).toBe(derived);
  }
});

test("git ignores the keys", async () => {
  await must("git", "init", "--quiet", demo.folder);
  const seen = await must("git", "-C", demo.folder, "status", "--porcelain", "-uall");
  expect(seen).toContain("reyns.ts");
  expect(seen).not.toContain(".reyns");
});

test("docker inspect of a container shows no key", async () => {
  const inspected = await must("docker", "inspect", ...(await containerIds(demo.folder)));
  for (const secret of await secrets()) expect(inspected).not.toContain(secret);
});

test("no layer of an image contains a key", async () => {
  await using folder = await temporaryFolder();
  const [tar, out] = [join(folder.path, "images.tar"), join(folder.path, "layers")];
  await must("docker", "save", "-o", tar, `${demoName}/demo`, "reyns/reyns-dns");
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

test("ssh says that the keys are missing, and how to get them back", async () => {
  await using other = await createProject({
    "services/web/Dockerfile": "FROM reyns/reyns-base\n",
    "reyns.ts": 'import { service } from "reyns";\nservice("web", { instance: "one" });\n',
  });
  await other.must("run all");
  await rm(keysOf(other), { recursive: true });
  const { status, stderr } = await other.reyns("ssh web one command=true");
  expect(stderr).toContain("error the project's keys are missing in ");
  expect(stderr).toContain("or clean it and run it again");
  expect(status).toBe(1);
});

describe("host keys", () => {
  const file = "/etc/ssh/ssh_host_ed25519_key";
  let pair: Project;
  /** Ids of web-one and web-two. */
  let [one, two] = ["", ""];

  beforeAll(async () => {
    pair = await createProject({
      "services/web/Dockerfile": "FROM reyns/reyns-base\n",
      "reyns.ts": `import { link, service } from "reyns";
const two = service("web", { instance: "two" });
service("web", { instance: "one", links: [link(two, "Shop")] });
`,
    });
    await pair.must("run all");
    [one = "", two = ""] = await Promise.all(
      ["one", "two"].map(async (name) => (await containerIds(pair.folder, name))[0] ?? ""),
    );
  });
  afterAll(() => pair?.[Symbol.asyncDispose]());

  const inside = (id: string, script: string): Promise<string> =>
    must("docker", "exec", id, "bash", "-c", script);
  const fromHost = () => pair.reyns("ssh web two command=hostname");
  const fromOne = (name: string) =>
    pair.reyns(["ssh", "web", "one", `command=ssh ${name} hostname`]);

  test("each instance has its own, which only root can read, and none has the authority's", async () => {
    const [own, others] = await Promise.all([one, two].map((id) => inside(id, `cat ${file}`)));
    expect(own).toContain("BEGIN OPENSSH PRIVATE KEY");
    expect(own).not.toBe(others ?? "");
    const authority = await readFile(join(keysOf(pair), "ssh_host_ca_ed25519"), "utf8");
    for (const secret of [others ?? "", authority]) {
      const line = secret.split("\n")[3] ?? "";
      expect(line).toHaveLength(70);
      const search = `grep -rlF -e '${line}' /etc /home /root /run /var /opt /data /tmp`;
      expect((await run(["docker", "exec", one, "bash", "-c", search])).stdout).toBe("");
    }
    expect(await inside(one, "ls /etc/reyns/keys; stat -c '%a %U' " + file)).toBe(
      "id_ed25519\nid_ed25519.pub\nknown_hosts\ntsig.key\n600 root",
    );
  });

  test("each is valid for the names of its instance", async () => {
    for (const name of ["web-two", "web-two.local.zone", "WEB-TWO", "shop"])
      expect(await fromOne(name)).toMatchObject({ status: 0, stdout: "web-two\n" });
    const certificate = `ssh-keygen -L -f ${file}-cert.pub`;
    const [shown, authority] = await Promise.all([
      inside(two, certificate),
      must("ssh-keygen", "-l", "-f", join(keysOf(pair), "ssh_host_ca_ed25519")),
    ]);
    expect(shown).toContain("ssh-ed25519-cert-v01@openssh.com host certificate");
    expect(shown).toContain(`Signing CA: ED25519 ${authority.split(" ")[1]}`);
    expect(shown).toContain("Valid: forever");
  });

  const files = [file, `${file}-cert.pub`];

  /** Gives web-two's server another host key, and restarts it. */
  async function exchange(texts: readonly string[]): Promise<void> {
    for (const [index, text] of texts.entries())
      await run(["docker", "exec", "-i", two, "tee", files[index] ?? ""], text);
    await inside(two, "supervisorctl restart sshd");
    await until("sshd", async () => {
      const { stderr } = await fromOne("web-two");
      return !/Connection (refused|closed|reset)/.test(stderr);
    });
  }

  const keyAndCertificate = (id: string): Promise<string[]> =>
    Promise.all(files.map(async (name) => `${await inside(id, `cat ${name}`)}\n`));

  test("ssh refuses another one, from here and from another instance", async () => {
    const [own, others] = await Promise.all([two, one].map(keyAndCertificate));
    await using folder = await temporaryFolder();
    const stranger = join(folder.path, "key");
    await must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", stranger);
    const unsigned = [await readFile(stranger, "utf8"), ""];
    for (const texts of [unsigned, others ?? []]) {
      await exchange(texts);
      for (const { status, stderr } of [await fromHost(), await fromOne("web-two")]) {
        expect(stderr).toMatch(/Host key verification failed|name is not a listed principal/);
        expect(status).toBe(255);
      }
    }
    await exchange(own ?? []);
    for (const { stdout } of [await fromHost(), await fromOne("web-two")])
      expect(stdout).toBe("web-two\n");
  });

  test("each lasts as long as its container", async () => {
    const [before] = await keyAndCertificate(two);
    await pair.must("stop web two");
    await pair.must("start web two");
    expect((await keyAndCertificate(two))[0]).toBe(before ?? "");
    expect((await fromHost()).stdout).toBe("web-two\n");
    await pair.must("rerun web two");
    const [again = ""] = await containerIds(pair.folder, "two");
    expect((await keyAndCertificate(again))[0]).not.toBe(before ?? "");
    expect((await fromOne("shop")).stdout).toBe("web-two\n");
  });
});

test("two first runs at the same time use the same keys", async () => {
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
    "builds.json",
    "expected.json",
    "keys",
    "lock",
    "project.json",
    "versions",
  ]);
  for (const instance of ["one", "two"])
    expect(await twins.must(`ssh web ${instance} command=hostname`)).toBe(`web-${instance}`);
});
