import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { must, run, temporaryFolder } from "../engine/support/images-container.ts";
import { commitContainer } from "../support/engine-api.ts";
import { inspectAll } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

const [password, token] = [`pass-4711-${process.pid}`, `token-0815-${process.pid}`];
const env = { API_TOKEN: token };

let shop: Project;
beforeAll(async () => {
  await importSmallImage();
  shop = await createProject({
    "db_password.txt": password,
    "reyns.ts": `import { file, job, required, service } from "reyns";
const common = { image: "${smallImage}", stopSignal: "SIGKILL" } as const;
const secrets = {
  db_password: file("./db_password.txt"),
  token: { environment: "API_TOKEN", mode: 0o400, uid: 1234, gid: 7, target: "api.token" },
  key: { file: "./db_password.txt", target: "/opt/key" },
};
service("web", { ...common, secrets, user: "1234", readOnly: true, tmpfs: "/run" });
service("both", { ...common, secrets: { db_password: secrets.db_password }, env: { API_TOKEN: required({ secret: true }) } });
job("check", { ...common, secrets, command: ["cat", "/run/secrets/db_password"] });
`,
  });
  await shop.must("run all", { env });
}, 300_000);
afterAll(() => shop?.[Symbol.asyncDispose]());

async function idOf(service: string): Promise<string> {
  const labels = [`io.reyns.folder=${shop.folder}`, `io.reyns.service=${service}`];
  return must("docker", "ps", "-aq", ...labels.flatMap((label) => ["--filter", `label=${label}`]));
}

const inside = async (service: string, line: string): Promise<string> =>
  must("docker", "exec", await idOf(service), "busybox", "sh", "-c", line);

const hasTrace = (text: string): boolean => [password, token].some((one) => text.includes(one));

test("the process reads its secrets as files, whatever user it has", async () => {
  const line =
    "cd /run/secrets && cat db_password api.token /opt/key && busybox stat -c '%n %a %u %g' *";
  expect(await inside("web", line)).toBe(
    `${password}${token}${password}api.token 400 1234 7\ndb_password 444 0 0`,
  );
  expect(await inside("web", "busybox head -c 3 /opt/content | busybox wc -c")).toBe("3");
});

test("secrets of env and of files are in one folder", async () => {
  expect(await inside("both", "cat /run/secrets/db_password /run/secrets/API_TOKEN")).toBe(
    password + token,
  );
  const { stdout } = await run(["docker", "exec", await idOf("both"), "cat", "/proc/1/environ"]);
  expect(stdout).toContain(`API_TOKEN=${token}`);
});

test("jobs and commands in fresh containers have them, and they survive restarts", async () => {
  const { stdout } = await shop.reyns("run web -- cat /run/secrets/db_password", { env });
  expect(stdout).toBe(password);
  for (const line of ["restart web", "stop web", "start web"]) await shop.must(line);
  expect(await inside("web", "cat /run/secrets/db_password /opt/key")).toBe(password + password);
});

test("neither the Engine nor an image of the container nor any report has them", async () => {
  expect(hasTrace(JSON.stringify([...(await inspectAll(shop.folder))]))).toBe(false);
  for (const line of ["info web", "info web --json", "plan --json", "check", "run web"]) {
    const { stdout, stderr } = await shop.reyns(line, { env: { ...env, LOG_LEVEL: "DEBUG" } });
    expect(hasTrace(stdout + stderr)).toBe(false);
  }
  await using folder = await temporaryFolder();
  const [image, tar] = [await commitContainer(await idOf("web")), join(folder.path, "i.tar")];
  try {
    await must("docker", "save", "-o", tar, image);
    expect((await run(["grep", "-c", "-e", password, "-e", token, tar])).status).toBe(1);
  } finally {
    await must("docker", "rmi", image);
  }
});

test("a changed secret replaces its instances, and plan names it without its value", async () => {
  expect(await shop.must("plan", { env })).toStartWith("Nothing to do");
  expect(await shop.must("plan")).toStartWith("Nothing to do");
  await shop.write({ "db_password.txt": "other-password" });
  const { stdout } = await shop.reyns("plan web", { env });
  expect(stdout).toMatch(/secret db_password +changed\n/);
  expect(stdout).not.toContain("other-password");
  await shop.must("run web", { env });
  expect(await inside("web", "cat /run/secrets/db_password")).toBe("other-password");
});

test("a missing one fails before anything starts, and its volumes go with the container", async () => {
  const before = await idOf("web");
  const { status, stderr } = await shop.reyns("rerun web");
  expect([status, await idOf("web")]).toEqual([2, before]);
  expect(stderr).toContain("API_TOKEN");
  const volumes = await must(
    "docker",
    "inspect",
    "-f",
    "{{range .Mounts}}{{.Name}} {{end}}",
    before,
  );
  await shop.must("clean web force");
  for (const name of volumes.split(" ").filter(Boolean))
    expect((await run(["docker", "volume", "inspect", name])).status).not.toBe(0);
});
