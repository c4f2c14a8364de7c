import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { must, run, temporaryFolder } from "../engine/support/images-container.ts";
import { containerIds, execIn } from "./support/engine.ts";
import { createProject, projectIn, type Project } from "./support/project.ts";
import { installation } from "./support/reyns.ts";

setDefaultTimeout(240_000);

const root = dirname(dirname(import.meta.dir));

/** A private key as it lies in a file: the header of one, and more of it behind. */
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}/;

let shop: Project;
let marker: string;

// A folder that a shell, ssh's options and a format would each take for something of their own.
beforeAll(async () => {
  const outer = (await createProject()).folder;
  marker = join(outer, "hostile");
  const folder = join(outer, "a $(touch hostile) 'b' \"c\" %h;d");
  await mkdir(folder);
  shop = projectIn(folder, { outer });
  await shop.write({
    "services/web/Dockerfile": "FROM reyns/reyns-base\n",
    "reyns.ts": `import { project, service } from "reyns";
project("fort");
service("web", { instance: "one", env: { A: "$(touch ${marker})", "B": "\`touch ${marker}\`\\n; touch ${marker}" } });
service("web", { instance: "two" });
`,
  });
  await shop.must("run all");
}, 300_000);

afterAll(() => shop?.[Symbol.asyncDispose]());

describe("secrets of Reyns itself", () => {
  test("no file of the repository holds a private key", async () => {
    const names = (await must("git", "-C", root, "ls-files", "-z")).split("\0").filter(Boolean);
    const texts = names.map(async (name) => {
      const file = Bun.file(join(root, name));
      return (await file.exists()) && privateKey.test(await file.text()) ? [name] : [];
    });
    expect((await Promise.all(texts)).flat()).toEqual([]);
  });

  test("the executable holds no private key", async () => {
    const { executable } = await installation();
    expect(privateKey.test(Buffer.from(await readFile(executable)).toString("latin1"))).toBe(false);
  });

  test("the history of the images holds no private key", async () => {
    for (const image of ["reyns/reyns-base", "fort/web"]) {
      const history = await must("docker", "history", "--no-trunc", image);
      expect(history).not.toMatch(/PRIVATE KEY|secret "/);
    }
  });

  test("each project has its own keys, mounted read-only", async () => {
    await using other = await createProject({ "reyns.ts": 'import { service } from "reyns";\n' });
    await other.must("keys rotate yes=True");
    const ofProject = async ({ folder }: Project): Promise<string[]> =>
      Promise.all(
        ["id_ed25519", "ssh_host_ca_ed25519", "tsig.key"].map((name) =>
          readFile(join(folder, ".reyns/keys", name), "utf8"),
        ),
      );
    const [own, others] = [await ofProject(shop), await ofProject(other)];
    for (const [index, key] of own.entries()) expect(others[index]).not.toBe(key);
    const [id = ""] = await containerIds(shop.folder, "one");
    const touch = await run(["docker", "exec", id, "touch", "/etc/reyns/keys/tsig.key"]);
    expect(touch.stderr).toContain("Read-only file system");
  });
});

describe("sshd", () => {
  test("accepts keys only, and never root", async () => {
    const words = ["/usr/sbin/sshd", "-T", "-C", "user=root,host=x,addr=10.0.0.1"];
    const settings = (await execIn(shop.folder, "one", ...words)).split("\n");
    for (const line of [
      "passwordauthentication no",
      "kbdinteractiveauthentication no",
      "permitrootlogin no",
      "permitemptypasswords no",
      "pubkeyauthentication yes",
      "x11forwarding no",
    ])
      expect(settings).toContain(line);
  });

  test("refuses root and passwords", async () => {
    const ssh = async (user: string, options: string): Promise<string> => {
      const command = `ssh -o BatchMode=yes ${options} ${user}@web-two true`;
      const words = ["ssh", "web", "one", "json", `command=${command}`];
      return (JSON.parse((await shop.reyns(words)).stdout) as { stderr: string }).stderr;
    };
    expect(await ssh("reyns", "")).toBe("");
    expect(await ssh("root", "")).toContain("Permission denied (publickey)");
    expect(await ssh("reyns", "-o PubkeyAuthentication=no")).toContain(
      "Permission denied (publickey)",
    );
  });

  test("has no password for any user in its image", async () => {
    const shadow = await execIn(shop.folder, "one", "cut", "-d:", "-f2", "/etc/shadow");
    expect(shadow.split("\n").filter((word) => word !== "*" && word !== "!")).toEqual([]);
  });
});

describe("untrusted text", () => {
  test("hostile folder names and values are plain text to every shell", async () => {
    expect(await shop.must("ssh web one command=hostname")).toBe("web-one");
    const words = ["ssh", "web", "one", "json", "command=printenv A B"];
    expect(JSON.parse(await shop.must(words))).toMatchObject({
      stdout: `$(touch ${marker})\n\`touch ${marker}\`\n; touch ${marker}\n`,
    });
    for (const line of ["ps", "info web one", "check", "graph", "logs web one"])
      await shop.must(line);
    expect(existsSync(marker)).toBe(false);
    expect(existsSync(join(shop.folder, "hostile"))).toBe(false);
    const seen = await execIn(shop.folder, "one", "sh", "-c", `ls -d ${marker} 2>&1 || true`);
    expect(seen).toContain("No such file");
  });

  const long = "a".repeat(64);
  for (const name of [
    "$(id)",
    "a\nb",
    "../x",
    long,
    "bücher",
    "a_b",
    "-a",
    "a.b",
    "",
    "a;b",
    "A",
  ]) {
    test(`an instance cannot be named ${JSON.stringify(name).slice(0, 20)}`, async () => {
      await using folder = await temporaryFolder();
      const other = projectIn(folder.path);
      await other.write({
        "reyns.ts": `import { service } from "reyns";
service("web", { image: "debian:bookworm-slim", instance: ${JSON.stringify(name)} });
`,
      });
      const { status, stderr } = await other.reyns("run all");
      expect(stderr).toContain("error reyns.ts:2:");
      expect(stderr).not.toContain("defect");
      expect(status).toBe(2);
    });
  }

  test("a zone cannot carry configuration", async () => {
    await using folder = await temporaryFolder();
    const other = projectIn(folder.path);
    const zone = 'x"; }; include "/etc/passwd';
    await other.write({
      "reyns.ts": `import { dns } from "reyns";\ndns({ zone: ${JSON.stringify(zone)} });\n`,
      "services/web/Dockerfile": "FROM reyns/reyns-base\n",
      "default.conf": JSON.stringify([
        { service: "reyns-dns", instance: "main", env_vars: { DNS_ZONE: zone } },
      ]),
    });
    for (const line of ["run all", "run all conf=default"]) {
      const { status, stderr } = await other.reyns(line);
      expect({ line, status, stderr }).toMatchObject({ status: 2 });
      expect(stderr).toContain("a domain name");
    }
  });
});
