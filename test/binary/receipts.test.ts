// `run receipt=`: exactly what was tested starts, and every difference is named before anything does.
import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, rename, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";
import { writeReceiptOf } from "./support/receipts.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

beforeAll(importSmallImage);

const script = (mode = "test", more = ""): string => `
import { conf, project, service, required, ready } from "reyns";
project("receipts");
const common = { command: ["sleep", "999"], stopSignal: "SIGKILL", ready: ready.started() };
service("web", {
  ...common,
  env: { MODE: "${mode}", ADDRESS: required() },
  volumes: ["./site:/site:ro", "./app.conf:/app.conf", "./data:/data"],
});
service("db", { ...common, image: "${smallImage}" });
${more}
`;

const files = {
  "reyns.ts": script(),
  "services/web/Dockerfile": `FROM ${smallImage}\nCOPY page /page\n`,
  "services/web/page": "one",
  "site/index.html": "hello",
  "app.conf": "a=1",
  "data/rows": "1",
};

const env = { ADDRESS: "10.0.0.1" };

/** A project that is tested and not running any more. */
async function testedProject(): Promise<{ project: Project; receipt: string }> {
  const project = await createProject(files);
  await project.must("run all", { env });
  const receipt = await writeReceiptOf(project.folder);
  await project.must("clean all force=True");
  return { project, receipt };
}

async function refusal(project: Project, receipt: string): Promise<string> {
  const { status, stderr } = await project.reyns(`run all receipt=${receipt}`, { env });
  expect(status).toBe(1);
  expect(JSON.parse(await project.must("ps --json"))).toEqual([]);
  return stderr;
}

test("the tested project starts, with the values of this host, from the ids of its images", async () => {
  const { project, receipt } = await testedProject();
  await using _ = project;
  await project.must("plan receipt=latest", { env: { ADDRESS: "10.0.0.2" } });
  await project.must(`run all receipt=${receipt}`, { env: { ADDRESS: "10.0.0.2" } });
  const [web] = (await project.json("ps web")) as { id: string }[];
  const format = "{{.Config.Image}} {{.Image}}";
  const [name, id] = (await must("docker", "inspect", "-f", format, web?.id ?? "")).split(" ");
  expect(name).toBe(id ?? "");
  await project.write({ "data/rows": "2" });
  const again = await project.reyns("run all receipt=latest", { env: { ADDRESS: "10.0.0.2" } });
  expect(again).toMatchObject({ status: 0 });
  const plain = await project.reyns("plan --json", { env: { ADDRESS: "10.0.0.2" } });
  expect((JSON.parse(plain.stdout) as { actions: unknown[] }).actions).toEqual([]);
});

describe("a run by receipt is refused, and names", () => {
  test("each changed value, file and mode at once", async () => {
    const { project, receipt } = await testedProject();
    await using _ = project;
    const { folder } = project;
    await project.write({
      "reyns.ts": script("prod", 'service("extra", { ...common, image: "x" });'),
    });
    await project.write({ "site/index.html": "hallo", "site/new.html": "new", "app.conf": "a=1" });
    await chmod(join(folder, "app.conf"), 0o600);
    const text = await refusal(project, receipt);
    expect(text).toContain("web-one: env MODE is not what was tested");
    expect(text).toContain("extra-one was not tested");
    expect(text).toContain("./site/index.html is not what was tested");
    expect(text).toContain("./site/new.html is new since the tests");
    expect(text).toContain("./app.conf has the mode 0600; 0644 was tested");
    expect(text).toContain("5 differences");
    expect(text).not.toContain("data/rows");
    const planned = await project.reyns(`plan receipt=${receipt} --json`, { env });
    expect(planned.status).toBe(1);
    const { errors } = JSON.parse(planned.stdout) as { errors: { code: string }[] };
    expect(errors.map(({ code }) => code)).toEqual(Array(6).fill("RECEIPT_MISMATCH"));
  });

  test("an image that was built again from other files, and one whose name was moved", async () => {
    const { project, receipt } = await testedProject();
    await using _ = project;
    const own = await must("docker", "image", "inspect", "-f", "{{.Id}}", "receipts/web");
    await project.write({ "services/web/page": "two" });
    await project.must("build web");
    const text = await refusal(project, receipt);
    expect(text).toMatch(
      /web-one: the image receipts\/web:latest is sha256:[0-9a-f]{12}, built from other files; /,
    );
    const tested = own.slice(0, 19);
    expect(text).toContain(`${tested} was tested`);
    await must("docker", "tag", smallImage, "receipts/web:latest");
    expect(await refusal(project, receipt)).toContain(`${tested} was tested`);
    await must("docker", "rmi", "receipts/web:latest");
  });

  test("a file that became a link, and a folder that is gone", async () => {
    const { project, receipt } = await testedProject();
    await using _ = project;
    const { folder } = project;
    await unlink(join(folder, "site/index.html"));
    await symlink("/etc/hostname", join(folder, "site/index.html"));
    expect(await refusal(project, receipt)).toContain(
      "./site/index.html is a link to /etc/hostname; a file was tested",
    );
    await rename(join(folder, "site"), join(folder, "elsewhere"));
    expect(await refusal(project, receipt)).toContain("site");
  });
});

test("an image without its name is used by its id and gets the name; one that is gone is named", async () => {
  const { project, receipt } = await testedProject();
  await using _ = project;
  const id = await must("docker", "image", "inspect", "-f", "{{.Id}}", "receipts/web");
  const kept = `receipts/kept-${process.pid}:1`;
  await must("docker", "tag", id, kept);
  await must("docker", "rmi", "receipts/web");
  try {
    await project.must(`run all receipt=${receipt}`, { env });
    expect(await must("docker", "image", "inspect", "-f", "{{.Id}}", "receipts/web")).toBe(id);
    await project.must("clean all force=True");
  } finally {
    await must("docker", "rmi", kept);
  }
  await must("docker", "rmi", "receipts/web");
  const text = await refusal(project, receipt);
  expect(text).toContain(`web-one: the image receipts/web:latest, ${id.slice(0, 19)}, is not here`);
  expect(text).toContain("reyns load FILE");
});

test("a conf that requires a receipt runs with one of its own, and another commit is only noted", async () => {
  const conf = `conf("prod", { receipt: "required" }, () => {
  service("db", { ...common, image: "${smallImage}", instance: "main" });
});`;
  await using project = await createProject({ ...files, "reyns.ts": script("test", conf) });
  const git = (...words: string[]) =>
    must("git", "-C", project.folder, "-c", "user.name=t", "-c", "user.email=t@t", ...words);
  await git("init", "-q");
  await git("add", ".");
  await git("commit", "-qm", "first");
  const refused = await project.reyns("run all conf=prod");
  expect(refused).toMatchObject({ status: 2 });
  expect(refused.stderr).toContain('the conf "prod" runs only what was tested');
  // As a copy would: from the definition, in which nothing runs yet.
  const receipt = await writeReceiptOf(project.folder, "prod");
  await git("commit", "-q", "--allow-empty", "-m", "second");
  const withGit = { env: { PATH: process.env["PATH"] ?? "" } };
  const { status, stderr } = await project.reyns(`run all receipt=${receipt}`, withGit);
  expect(status).toBe(0);
  expect(stderr).toContain("with the same content");
  expect((await project.reyns("rerun db main")).status).toBe(2);
  await project.must("rerun db main receipt=latest");
  const [listed] = (await project.json("receipts")) as Record<string, unknown>[];
  expect(listed).toMatchObject({ conf: "prod", clean: true, isValid: true, problem: null });
  expect(await project.must("receipts")).toContain("valid");
});

test("two receipts are compared, and the receipt of a project with other keys is refused", async () => {
  const { project, receipt } = await testedProject();
  await using _ = project;
  await project.write({ "reyns.ts": script("prod"), "site/index.html": "hallo" });
  await project.must("run all", { env });
  const second = await writeReceiptOf(project.folder);
  expect((await project.must(`receipts ${receipt} latest`)).split("\n")).toEqual([
    "web-one env MODE changed",
    "./site/index.html changed",
  ]);
  const compared = (await project.json(`receipts ${receipt} ${second}`)) as object;
  expect(compared).toMatchObject({
    differences: [
      { kind: "definition", subject: "web-one", field: "env MODE", change: "changed" },
      { kind: "file", subject: "./site/index.html", change: "changed" },
    ],
  });
  await project.must("keys rotate force=true");
  const { status, stderr } = await project.reyns(`run all receipt=${receipt}`, { env });
  expect(status).toBe(1);
  expect(stderr).toContain("is signed with the key SHA256:");
});

test("a receipt of a copy is one of the project, and a copy runs by a receipt of the project", async () => {
  const more = `
network("back", { ipam: { config: [{ subnet: "10.84.${process.pid % 250}.0/24" }] } });
volume("rows", { name: "receipts-rows" });
service("api", {
  ...common,
  image: "${smallImage}",
  ports: ["127.0.0.1:28877:80"],
  networks: ["default", { network: "back", ipv4: "10.84.${process.pid % 250}.9" }],
  volumes: ["rows:/rows"],
});`;
  const text = script("test", more).replace("import { conf,", "import { conf, network, volume,");
  await using project = await createProject({ ...files, "reyns.ts": text });
  const copy = { env: { ...env, REYNS_COPY: "tried" } };
  await project.must("run all", copy);
  const receipt = await writeReceiptOf(project.folder, undefined, "tried");
  expect(await Bun.file(receipt).text()).not.toContain("tried");
  await project.must("clean all force=True", copy);
  await project.must(`run all receipt=${receipt}`, { env });
  await project.must(`run all receipt=${receipt}`, copy);
  await project.must("clean all force=True", copy);
});

test("a call for one service is refused when another one would start with it", async () => {
  const more = `service("side", { ...common, image: "${smallImage}", networkMode: db });`;
  const text = (mode: string): string =>
    script("test", more).replace(
      'service("db", { ...common',
      `const db = service("db", { ...common, env: { MODE: "${mode}" }`,
    );
  await using project = await createProject({ ...files, "reyns.ts": text("one") });
  await project.must("run all", { env });
  await project.write({ "reyns.ts": text("two") });
  const receipt = await writeReceiptOf(project.folder);
  const { status, stderr } = await project.reyns(`run db receipt=${receipt}`, { env });
  expect(status).toBe(1);
  expect(stderr).toContain("side-one would start as well");
  await project.must(`run all receipt=${receipt}`, { env });
});

test("reyns test writes a receipt, and what it tested runs by it", async () => {
  const more = `
import { test, expect } from "reyns";
test("web has its page", async ({ exec }) => {
  expect((await exec("web", ["cat", "/page"])).stdout).toContain("one");
});`;
  await using project = await createProject({ ...files, "reyns.ts": script("test", more) });
  const output = await project.must("test", { env });
  expect(output).toContain("receipt: .reyns/receipts/");
  await project.must("run all receipt=latest", { env });
  const [receipt] = (await project.json("receipts")) as { tests: { name: string }[] }[];
  expect(receipt?.tests.map(({ name }) => name)).toEqual(["web has its page"]);
});
