import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { run } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";
import { type SshServer, startSshd } from "./support/sshd.ts";

setDefaultTimeout(240_000);

const canMount = (await run(["unshare", "--mount", "true"])).status === 0;

let project: Project;
let sshd: SshServer;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  sshd = await startSshd();
  env = { ...sshd.env, DOCKER_HOST: "ssh://far" };
  project = await createProject({
    "reyns.ts": `import { service } from "reyns";
service("web", { image: "reyns/reyns-base", instance: "one" });
`,
  });
  await project.must("run all", { env });
});

afterAll(async () => {
  await project?.[Symbol.asyncDispose]();
  await sshd?.[Symbol.asyncDispose]();
});

for (const line of [
  ["ssh", "web", "--", "hostname"],
  ["shell", "web", "--", "hostname"],
])
  test(`${line[0]} logs in to the Engine's machine once`, async () => {
    const before = await sshd.logins();
    expect(await project.must(line, { env })).toBe("web-one");
    expect((await sshd.logins()) - before).toBe(1);
  });

test("ssh uses the one connection also for output as JSON", async () => {
  const before = await sshd.logins();
  const said = await project.must(["ssh", "web", "command=hostname", "json"], { env });
  expect(JSON.parse(said)).toEqual({ stdout: "web-one\n", stderr: "", exitCode: 0, exit_code: 0 });
  expect((await sshd.logins()) - before).toBe(1);
});

test.skipIf(!canMount)("a rootless Engine's socket is found with one login", async () => {
  await using rootless = await startSshd({ isRootless: true });
  const far = { ...rootless.env, DOCKER_HOST: "ssh://far" };
  expect(await project.must(["ssh", "web", "--", "hostname"], { env: far })).toBe("web-one");
  expect(await rootless.logins()).toBe(1);
});
