import { expect, setDefaultTimeout, test } from "bun:test";
import { execIn, inspectAll } from "./support/engine.ts";
import { listenerCommand } from "./support/listener.ts";
import { createProject } from "./support/project.ts";

setDefaultTimeout(240_000);

const script = (version: number): string => `import { project, ready, service } from "reyns";
project("depended");
const image = { image: "debian:bookworm-slim", init: true };
const db = service("db", {
  ...image, command: ${JSON.stringify(listenerCommand({ port: 5432 }))}, ready: ready.tcp(5432),
  env: { VERSION: "${version}" },
});
service("web", { ...image, instance: "front", command: ["sleep", "600"], ready: ready.started(), links: [db] });
service("worker", { ...image, command: ["sleep", "600"], ready: ready.started(), after: [db] });
`;

test("a dependency that is replaced keeps its address and names, and its dependents run on", async () => {
  await using shop = await createProject({ "reyns.ts": script(1) });
  await shop.must("run all");
  const address = await shop.must("getip db");
  const before = await inspectAll(shop.folder);
  await shop.write({ "reyns.ts": script(2) });
  await shop.must("run all");
  const after = await inspectAll(shop.folder);
  expect(after.get("db-one")?.Id).not.toBe(before.get("db-one")?.Id ?? "");
  for (const host of ["web-front", "worker-one"]) {
    expect(after.get(host)?.Id).toBe(before.get(host)?.Id ?? "");
    expect(after.get(host)?.State).toMatchObject({ ...before.get(host)?.State });
  }
  expect(await shop.must("getip db")).toBe(address);
  for (const name of ["db", "db-one"])
    await execIn(shop.folder, "front", "bash", "-c", `exec 3<>/dev/tcp/${name}/5432`);
});
