// What BuildKit asks this side for during a build: secrets, ssh agents, credentials.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { must, run, temporaryFolder, until } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";
import { startRegistry } from "./support/registry.ts";
import { openRelay } from "./support/relay.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

const token = crypto.randomUUID();
const words = crypto.randomUUID();
let vault: Project;

/** Prints what an agent answers to the request for its identities, which has the keys' comments. */
const listKeys =
  "perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new($ENV{SSH_AUTH_SOCK}) or die; print $s pack(\"NC\", 1, 11); $s->flush; sysread $s, my $a, 9999; print $a'";

beforeAll(async () => {
  vault = await createProject({
    "web/Dockerfile": `FROM debian:bookworm-slim
RUN --mount=type=secret,id=token sha256sum </run/secrets/token | cut -c 1-64 >/digest
RUN --mount=type=secret,id=words wc -c </run/secrets/words >/count
`,
    words,
    "ssh/Dockerfile": `FROM debian:bookworm-slim
RUN --mount=type=ssh ${listKeys} >/default
RUN --mount=type=ssh,id=deploy ${listKeys} >/deploy
`,
    "reyns.ts": `import { project, service } from "reyns";
project("vault");
service("web", {
  build: { context: "web", secrets: { token: { env: "TOKEN" }, words: { file: "./words" } } },
  command: ["sleep", "999"],
});
service("login", { build: { context: "ssh", ssh: ["default", "deploy=./id"] } });
service("bad", { build: { dockerfileInline: "FROM scratch", ssh: "default=./words" } });
`,
  });
  await must(
    "ssh-keygen",
    "-q",
    "-t",
    "ed25519",
    "-N",
    "",
    "-C",
    "key-of-file",
    "-f",
    join(vault.folder, "id"),
  );
}, 300_000);
afterAll(() => vault?.[Symbol.asyncDispose]());

const read = (image: string, path: string): Promise<string> =>
  must("docker", "run", "--rm", "--entrypoint", "cat", image, path);

describe("secrets", () => {
  const env = { TOKEN: token };

  test("reach their steps, and are in no layer, no label, no history, no output and no file", async () => {
    const { status, stdout, stderr } = await vault.reyns("build web verbose cache=false", { env });
    expect(status).toBe(0);
    await vault.must("run web", { env });
    const digest = new Bun.CryptoHasher("sha256").update(token).digest("hex");
    expect(await read("vault/web", "/digest")).toBe(digest);
    expect(await read("vault/web", "/count")).toBe(String(words.length));
    const shown = [
      stdout + stderr,
      await must("docker", "history", "--no-trunc", "vault/web"),
      await must("docker", "inspect", "vault/web"),
      await must("sh", "-c", `cat ${vault.folder}/.reyns/*.json`),
      await vault.must("plan", { env }),
    ].join("\n");
    expect(shown).not.toContain(token);
    expect(shown).not.toContain(words);
    expect(shown).not.toContain(digest);
    const saved = `docker save vault/web | grep -a -c -e ${token} -e ${words}`;
    expect((await run(["sh", "-c", saved])).stdout.trim()).toBe("0");
  });

  test("an unchanged secret leaves the image up to date; for another one the builder is asked", async () => {
    const builds = async (given: Readonly<Record<string, string>>): Promise<number> => {
      await using relay = await openRelay();
      await vault.must("build web", { env: { ...given, DOCKER_HOST: relay.host } });
      return relay.requests.filter((request) => request.includes("/build?")).length;
    };
    await vault.must("build web", { env });
    expect(await builds(env)).toBe(0);
    expect(await builds({ TOKEN: "another" })).toBe(1);
  });

  test("each one that is missing is an error at its own key", async () => {
    await must("mv", join(vault.folder, "words"), join(vault.folder, "kept"));
    const { status, stderr } = await vault.reyns("build web");
    await must("mv", join(vault.folder, "kept"), join(vault.folder, "words"));
    expect(status).toBe(2);
    expect(stderr).toContain("reyns.ts:4:39");
    expect(stderr).toContain("the secret token of vault/web is missing: TOKEN is not set");
    expect(stderr).toContain("reyns.ts:4:64");
    expect(stderr).toContain("the secret words of vault/web is missing: ENOENT");
  });

  test("the classic builder is refused before it begins", async () => {
    const { status, stderr } = await vault.reyns("build web cache=false", {
      env: { ...env, DOCKER_BUILDKIT: "0" },
    });
    expect(status).toBe(2);
    expect(stderr).toContain("build.secrets needs BuildKit");
    expect(stderr).toContain("set DOCKER_BUILDKIT=1");
  });
});

describe("ssh agents", () => {
  test("are the caller's own, and one for a key file that ends with the build", async () => {
    await using folder = await temporaryFolder();
    const [socket, key] = [join(folder.path, "agent.sock"), join(folder.path, "id")];
    const agent = Bun.spawn(["ssh-agent", "-D", "-a", socket], { stdout: "ignore" });
    try {
      await until("the agent", () =>
        Bun.file(socket)
          .stat()
          .then(
            () => true,
            () => false,
          ),
      );
      await must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "key-of-agent", "-f", key);
      await must("env", `SSH_AUTH_SOCK=${socket}`, "ssh-add", "-q", key);
      const env = { SSH_AUTH_SOCK: socket, TMPDIR: folder.path };
      await vault.must("build login cache=false", { env });
    } finally {
      agent.kill();
      await agent.exited;
    }
    expect(await read("vault/login", "/default")).toContain("key-of-agent");
    expect(await read("vault/login", "/deploy")).toContain("key-of-file");
    expect((await run(["pgrep", "-f", `${folder.path}/reyns-agent-`])).stdout).toBe("");
  });

  test("a missing agent, and a file that is no key, are errors before the build", async () => {
    const missing = await vault.reyns("build login cache=false", {
      env: { SSH_AUTH_SOCK: "" },
    });
    expect(missing.status).toBe(2);
    expect(missing.stderr).toContain(
      "vault/login needs an ssh agent, but SSH_AUTH_SOCK is not set",
    );
    const { status, stderr } = await vault.reyns("build bad");
    expect(status).toBe(1);
    expect(stderr).toContain(`the ssh key ${join(vault.folder, "words")} cannot be used`);
    expect(stderr).not.toContain(words);
  });
});

test("images of a private registry are pulled with credentials, in FROM and in COPY --from", async () => {
  await importSmallImage();
  await using registry = await startRegistry({ login: ["me", "secret"] });
  await using docker = await temporaryFolder();
  const auth = Buffer.from("me:secret").toString("base64");
  const config = { auths: { [registry.address]: { auth } } };
  await Bun.write(join(docker.path, "config.json"), JSON.stringify(config));
  const [base, files] = ["base", "files"].map((name) => `${registry.address}/${name}:1`);
  for (const name of [base, files] as string[]) {
    await must("docker", "tag", smallImage, name);
    await must("docker", "--config", docker.path, "push", "--quiet", name);
    await must("docker", "rmi", name);
  }
  await using shop = await createProject({
    "web/Dockerfile": `FROM ${base}\nCOPY --from=${files} /opt /copied\n`,
    "reyns.ts": `import { project, service } from "reyns";
project("private");
service("web", { build: "web" });
`,
  });
  const refused = await shop.reyns("build web");
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain(`building private/web failed at FROM ${base}`);
  await shop.must("build web", { env: { DOCKER_CONFIG: docker.path } });
  expect(await must("docker", "run", "--rm", "private/web", "test", "-e", "/copied/content")).toBe(
    "",
  );
});
