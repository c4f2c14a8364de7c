import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { must, until } from "../engine/support/images-container.ts";
import { createProject, listOwned, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

const image = "debian:bookworm-slim";

const reynsTs = (name: string): string => `import { project, ready, service } from "reyns";
project("${name}");
service("web", { image: "${image}", instance: "one", command: "sleep 999", stopSignal: "KILL", persistentData: true, ready: ready.started() });
`;

let shop: Project;
/** Name of its network, and beginning of those of its containers. */
let scope: string;

beforeAll(async () => {
  shop = await createProject({ "reyns.ts": reynsTs("shop") });
  await shop.must("run all yes=true");
  const label = `label=io.reyns.folder=${shop.folder}`;
  scope = await must("docker", "network", "ls", "--format", "{{.Name}}", "--filter", label);
  await shop.must("clean all");
});

afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
});

test("run refuses to start beside a foreign container with our name, and leaves it alone", async () => {
  const name = `${scope}-web-one`;
  const id = await must("docker", "create", "--name", name, image, "true");
  try {
    const { status, stderr } = await shop.reyns("run all");
    expect(stderr).toStartWith(
      `error web-one: its name is taken by the container ${name}, which is not Reyns's\n`,
    );
    expect(stderr).toContain(`docker rename ${name} OTHER`);
    expect(status).toBe(1);
    expect(await listOwned(shop.folder)).toEqual([]);
    await shop.must("clean all");
    expect(await must("docker", "inspect", "--format", "{{.Id}}", name)).toBe(id);
    // As the hint says.
    await must("docker", "rename", name, `${name}-other`);
    await shop.must("run all");
    await shop.must("clean all");
  } finally {
    await must("docker", "rm", "--force", id);
  }
});

test("run refuses a foreign network with our name, and clean leaves it alone", async () => {
  const id = await must("docker", "network", "create", "--label", "whose=mine", scope);
  try {
    const { status, stderr } = await shop.reyns("run all");
    expect(stderr).toStartWith(
      `error network: its name is taken by the network ${scope}, which is not Reyns's\n`,
    );
    expect(stderr).toContain(`docker network rm ${scope}`);
    expect(status).toBe(1);
    await shop.must("clean all force=true");
    expect(await must("docker", "network", "inspect", "--format", "{{.Id}}", scope)).toBe(id);
    expect(await listOwned(shop.folder)).toEqual([]);
  } finally {
    await must("docker", "network", "rm", id);
  }
});

test("run accepts data that was copied with its project", async () => {
  await using moved = await createProject();
  await cp(shop.folder, moved.folder, { recursive: true });
  await moved.must("run all");
  await moved.must("clean all");
});

test("run refuses another project's DATA_DIR, until it is taken over as the hint says", async () => {
  const data = join(shop.folder, "data_shop");
  await using blog = await createProject({ "reyns.ts": reynsTs("blog") });
  const env = { DATA_DIR: data };
  const { status, stderr } = await blog.reyns("run all yes=true", { env });
  expect(stderr).toStartWith(
    `error ${data} holds the data of another project: shop in ${shop.folder}\n`,
  );
  expect(status).toBe(2);
  expect(await listOwned(blog.folder)).toEqual([]);
  const words = /rm (\S+)$/m.exec(stderr)?.[1] ?? "none";
  await rm(words);
  await blog.must("run all yes=true", { env });
  // Now it is the other one's.
  expect((await shop.reyns("run all yes=true")).stderr).toContain(`blog in ${blog.folder}`);
  await blog.must("clean all");
});

test("an instance that somebody removes while it starts is started anew", async () => {
  const command = JSON.stringify(["sh", "-c", "sleep 2; echo up; exec sleep 999"]);
  await using busy = await createProject({
    "reyns.ts": `import { ready, service } from "reyns";
service("web", { image: "${image}", command: ${command}, stopSignal: "KILL", ready: ready.log("up") });
`,
  });
  const started = async (): Promise<string> =>
    must("docker", "ps", "-q", "--no-trunc", "--filter", `label=io.reyns.folder=${busy.folder}`);
  const running = busy.reyns("run all");
  const removed = await until("its container", started, 60);
  await must("docker", "rm", "--force", removed);
  expect(await running).toMatchObject({ status: 0 });
  expect(await busy.json("ps")).toMatchObject([{ service: "web", state: "running" }]);
  expect(await started()).not.toBe(removed);
});
