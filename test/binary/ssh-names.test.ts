import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createProject, type Project } from "./support/project.ts";
import { type SshServer, startSshd } from "./support/sshd.ts";

setDefaultTimeout(240_000);

const count = 10;

let project: Project;
let sshd: SshServer;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  sshd = await startSshd();
  env = { ...sshd.env, DOCKER_HOST: "ssh://far", LOG_LEVEL: "DEBUG" };
  project = await createProject({
    "reyns.ts": `import { dns, link, service } from "reyns";
const ns = dns();
for (let number = 1; number <= ${count}; number++)
  service("web", { image: "reyns/reyns-base", instance: String(number), links: [link(ns, "dns")] });
`,
  });
});

afterAll(async () => {
  await project?.[Symbol.asyncDispose]();
  await sshd?.[Symbol.asyncDispose]();
});

test("instances that start at once over ssh are registered through the connection that is there", async () => {
  const first = await project.reyns("run all", { env });
  expect(first.status).toBe(0);
  expect(await sshd.logins()).toBe(1);
  const names = (await project.must("dns", { env })).match(/^web-\d+ /gm) ?? [];
  expect(names.length).toBe(count);
  const [dns] = (await project.json("ps reyns-dns")) as { id: string }[];
  const again = await project.reyns("rerun web", { env });
  expect(again.status).toBe(0);
  const relayed = new RegExp(`POST /containers/${dns?.id}\\w*/exec`);
  expect(again.stderr.split("\n").filter((line) => relayed.test(line))).toEqual([]);
});
