import { expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { must } from "../engine/support/images-container.ts";
import { containerIds } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { connectEngine } from "../../src/docker/client/connect.ts";
import { imageStoreOf } from "../../src/docker/images/image-store.ts";

setDefaultTimeout(240_000);

const dockerfile = (text: string): string =>
  `FROM debian:bookworm-slim\nRUN echo ${text} > /version\nSTOPSIGNAL SIGKILL\nCMD ["sleep", "600"]\n`;

const definition = (
  fields: string,
): string => `import { project, ready, required, service } from "reyns";
project("back");
service("web", { instance: "one", ready: ready.started(), ${fields} });
`;

/** What the instance serves: the file of its image, and its variable. */
async function served({ folder }: Project): Promise<string> {
  const [id = "none"] = await containerIds(folder, "one");
  const script = 'echo "$(cat /version) $COLOR"';
  return (await must("docker", "exec", id, "sh", "-c", script)).trim();
}

/** Builds and runs one version. */
async function deploy(project: Project, image: string, fields: string): Promise<void> {
  await project.write({
    "services/web/Dockerfile": dockerfile(image),
    "reyns.ts": definition(fields),
  });
  await project.must("build web");
  await project.must("run all");
}

test("rollback brings back the former image and definition, and the one before with the next call", async () => {
  await using project = await createProject();
  await deploy(project, "first", 'env: { COLOR: "red" }');
  await deploy(project, "second", 'env: { COLOR: "red" }');
  await deploy(project, "second", 'env: { COLOR: "blue" }');
  expect(await served(project)).toBe("second blue");
  // Whoever prunes takes no version away.
  await must("docker", "image", "prune", "--force", "--filter", "label=io.reyns.project=back");

  await project.must("rollback web");
  expect(await served(project)).toBe("second red");
  await project.must("rollback web one");
  expect(await served(project)).toBe("first red");
  const { status, stderr } = await project.reyns("rollback web");
  expect({ status, stderr }).toMatchObject({ status: 2 });
  expect(stderr).toContain("web-one has no earlier version to go back to");

  const [shown] = (await project.json("rollback web to=3")) as { version: number }[];
  expect(shown).toMatchObject({ version: 6, state: "running" });
  expect(await served(project)).toBe("second blue");
  expect(await project.json("info web")).toMatchObject({
    versions: [
      { version: 6, restores: 3, serves: true },
      { version: 5, restores: 1, serves: false },
      { version: 4, restores: 2 },
      { version: 3, restores: null },
      { version: 2 },
    ],
  });
  expect(JSON.parse(await project.must("plan json"))).toMatchObject({ actions: [] });
});

test("an earlier version that does not become ready, or has lost its image, leaves what runs", async () => {
  await using project = await createProject({ "go/marker": "" });
  const mount = 'volumes: ["./go:/go:ro"]';
  await deploy(project, "first", `${mount}, ready: ready.file("/go/marker")`);
  await deploy(project, "second", mount);
  await rm(join(project.folder, "go/marker"));
  const failed = await project.reyns("rollback web timeout=2");
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain("the former version of web-one runs again");
  expect(await served(project)).toBe("second");

  await must("docker", "rmi", "--force", "back/web-one:v1");
  const gone = await project.reyns("rollback web");
  expect(gone.status).toBe(2);
  expect(gone.stderr).toContain("the image of version 1 of web-one is no longer on the Engine");
  expect(await served(project)).toBe("second");
});

test("only as many versions are kept as are asked for, and rerun and clean forget the others", async () => {
  await using project = await createProject();
  for (const image of ["first", "second", "third"]) await deploy(project, image, "versions: 2");
  const kept = await must("docker", "images", "--format", "{{.Tag}}", "back/web-one");
  // In containerd's store the version that serves has a name, too: a build would remove its image.
  const store = await imageStoreOf(await connectEngine({}, {}));
  const expected = store === "containerd" ? ["v2", "v3"] : ["v2"];
  expect(kept.split("\n").filter(Boolean).toSorted()).toEqual(expected);
  const { status, stderr } = await project.reyns("rollback web to=1");
  expect(status).toBe(2);
  expect(stderr).toContain("recorded: 2, 3");
  await project.write({ "reyns.ts": definition("versions: 1") });
  await project.must("rerun web");
  expect(await must("docker", "images", "-q", "back/web-one")).toBe("");
  expect(await served(project)).toBe("third");
  await deploy(project, "fourth", "versions: 2");
  await project.must("clean all force");
  expect(await must("docker", "images", "-q", "back/web-one")).toBe("");
});

test("secrets are looked up again, and recorded nowhere", async () => {
  await using project = await createProject();
  const secret = "env: { TOKEN: required({ secret: true }), COLOR: ";
  const env = { TOKEN: "plain-to-see" };
  await project.write({ "services/web/Dockerfile": dockerfile("first") });
  for (const color of ["red", "blue"]) {
    await project.write({ "reyns.ts": definition(`${secret}"${color}" }`) });
    await project.must("run all", { env });
  }
  const { status, stderr } = await project.reyns("rollback web");
  expect({ status, stderr }).toMatchObject({ status: 2 });
  expect(stderr).toContain("TOKEN has no value");
  await project.must("rollback web", { env });
  expect(await served(project)).toBe("first red");
  const record = await Bun.file(`${project.folder}/.reyns/versions/web-one.json`).text();
  expect(record).not.toContain("plain-to-see");
});

test("rollback brings back files and secrets as they were, and no record shows a secret", async () => {
  await using project = await createProject();
  const secret = `pass-4711-${process.pid}`;
  const fields = (secretText: string, text: string): string =>
    `secrets: { key: "${secretText}" }, files: { "/etc/app.conf": "${text}" }`;
  const look = async (): Promise<string> => {
    const [id = "none"] = await containerIds(project.folder, "one");
    return must("docker", "exec", id, "cat", "/run/secrets/key", "/etc/app.conf");
  };
  await deploy(project, "same", fields(secret, " first"));
  await deploy(project, "same", fields("other", " second"));
  expect(await look()).toBe("other second");
  const record = await Bun.file(join(project.folder, ".reyns/versions/web-one.json")).text();
  expect(record).not.toContain(secret);
  expect(record).not.toContain(Buffer.from(secret).toString("base64"));
  await project.must("rollback web");
  expect(await look()).toBe(`${secret} first`);
});

test("rollback asks before an instance gets another volume, and keeps it running without an answer", async () => {
  await using project = await createProject();
  await deploy(project, "same", 'volumes: ["data:/data"]');
  const [first = "none"] = await containerIds(project.folder, "one");
  await must("docker", "exec", first, "sh", "-c", "echo kept > /data/file");
  await project.write({ "reyns.ts": definition('volumes: ["dbdata:/data"]') });
  await project.must("run all yes=true");
  await project.write({ "reyns.ts": definition('volumes: ["data:/data"]') });
  await project.must("run all yes=true");
  const read = async (): Promise<string> => {
    const [id = "none"] = await containerIds(project.folder, "one");
    return must("docker", "exec", id, "sh", "-c", "cat /data/file || true");
  };

  const { status, stderr } = await project.reyns("rollback web");
  expect({ status, stderr }).toMatchObject({ status: 2 });
  expect(stderr).toContain('web-one: the volume "data" at /data would become "dbdata"');
  expect(stderr).toContain("add yes=true, or choose another version with to=");
  expect(await read()).toBe("kept");

  await project.must("rollback web yes=true");
  expect(await read()).toBe("");
});

test("rollback of a job says that no versions of it are kept", async () => {
  await using project = await createProject({
    "reyns.ts": `import { job, project } from "reyns";
project("jobs-back");
job("migrate", { image: "debian:bookworm-slim", command: ["true"] });
`,
  });
  await project.must("run all");
  const { status, stderr } = await project.reyns("rollback migrate");
  expect({ status, stderr }).toMatchObject({ status: 2 });
  expect(stderr).toContain("versions of jobs are not kept: migrate-one");
});

test("ps and info name the commit of the version that serves, also after a rollback to it", async () => {
  await using project = await createProject();
  const env = { PATH: dirname(Bun.which("git") ?? "") };
  const git = (...words: string[]): Promise<string> =>
    must("git", "-C", project.folder, "-c", "user.name=a", "-c", "user.email=a@b.test", ...words);
  const commit = async (): Promise<string> => {
    await git("add", "reyns.ts", "services");
    await git("commit", "--quiet", "--message", "more");
    return git("rev-parse", "--short=12", "HEAD");
  };
  await git("init", "--quiet");
  await project.write({ "services/web/Dockerfile": dockerfile("same") });
  await project.write({ "reyns.ts": definition('env: { COLOR: "red" }') });
  const first = await commit();
  await project.must("run all", { env });
  expect(await project.must("ps")).toMatch(new RegExp(` 1, ${first} `));
  await project.write({ "reyns.ts": definition('env: { COLOR: "blue" }') });
  await project.must("run all", { env });
  expect(await project.must("ps")).toContain(` 2, ${first}-dirty `);
  await commit();

  await project.must("rollback web", { env });
  const [shown] = (await project.json("ps")) as { version: number; commit: string }[];
  expect(shown).toMatchObject({ version: 3, commit: first });
  const [serving, former] = ((await project.json("info web")) as { versions: object[] }).versions;
  expect(serving).toMatchObject({ version: 3, restores: 1, commit: first, serves: true });
  expect(former).toMatchObject({ version: 2, commit: `${first}-dirty` });
  const text = await project.must("info web");
  expect(text).toMatch(new RegExp(`^version +3, commit ${first}, since \\d{4}-.*Z$`, "m"));
  expect(JSON.parse(await project.must("plan json"))).not.toMatchObject({ actions: [] });
});

test("after a rollback, and after a newer image that failed, ps advises no run that would bring that image back", async () => {
  await using project = await createProject();
  await deploy(project, "first", 'env: { COLOR: "red" }');
  await deploy(project, "second", 'env: { COLOR: "red" }');
  await project.must("rollback web");
  const problems = async (): Promise<unknown> => {
    const [web] = (await project.json("ps")) as { problems: unknown }[];
    return web?.problems;
  };
  const back = await project.reyns("ps");
  expect(back.stderr).toContain("web-one was rolled back to version 1");
  expect(back.stderr).not.toContain("reyns run");
  expect(await problems()).toEqual([]);

  // An image that no version has run is newer for one that was rolled back, too.
  await project.write({ "services/web/Dockerfile": `${dockerfile("third")}CMD ["/none"]\n` });
  await project.must("build web");
  expect((await project.reyns("ps")).stderr).toContain("replace them: reyns run all");

  const failed = await project.reyns("run web");
  expect(failed.stderr).toContain("the former version of web-one runs again");
  const kept = await project.reyns("ps");
  expect(kept.stderr).toContain("as the newer one failed: web-one (back/web)");
  expect(kept.stderr).not.toContain("reyns run");
  expect(await problems()).toMatchObject([
    { code: "image", message: expect.stringContaining("which failed") },
  ]);
});
