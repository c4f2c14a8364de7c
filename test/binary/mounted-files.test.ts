// Files of the project that instances mount: a changed one is a change of their definition.
import { expect, setDefaultTimeout, test } from "bun:test";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { execIn, inspectAll } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

const script = `import { project, ready, service } from "reyns";
project("mounting");
const sleeps = { image: "debian:bookworm-slim", command: ["sleep", "600"], init: true, ready: ready.started() };
service("web", { ...sleeps, volumes: ["./conf/web.conf:/etc/web.conf:ro", "./own.conf:/own.conf"] });
service("db", { ...sleeps, instance: "two", volumes: ["./conf:/conf:ro"] });
`;

async function ids({ folder }: Project): Promise<Record<string, string>> {
  const containers = await inspectAll(folder);
  return Object.fromEntries([...containers].map(([host, { Id }]) => [host, Id]));
}

/** As editors do it: the container still has the former file. */
async function replaceFile({ folder, write }: Project, name: string, text: string): Promise<void> {
  await write({ [`${name}.new`]: text });
  await rename(join(folder, `${name}.new`), join(folder, name));
}

test("run replaces the instance whose mounted file has changed, and plan names the file", async () => {
  await using shop = await createProject({
    "reyns.ts": script,
    "conf/web.conf": "hunter2\n",
    "own.conf": "1\n",
  });
  await shop.must("run all");
  expect((await shop.reyns("run all")).stderr).toContain("up to date: web-one, db-two\n");
  const before = await ids(shop);
  const { Config } = (await inspectAll(shop.folder)).get("web-one") ?? {};
  const { "io.reyns.definition": label = "" } = Config?.Labels ?? {};
  const { "file ./conf/web.conf": digest } = JSON.parse(label) as Record<string, string>;
  // Keyed: a file may hold a short secret, and labels are there for everybody to read.
  const plain = new Bun.CryptoHasher("sha256").update("hunter2\n").digest("hex");
  expect(digest).toMatch(/^[0-9a-f]{16}$/);
  expect(plain).not.toContain(digest ?? "");

  await replaceFile(shop, "conf/web.conf", "2\n");
  await replaceFile(shop, "own.conf", "2\n");
  const planned = await shop.reyns("plan exit_code=true");
  expect(planned.status).toBe(4);
  expect(planned.stdout).toContain("~ replace  web-one  changed\n    file ./conf/web.conf\n");
  expect(planned.stdout).toContain("1 to replace, 1 unchanged");
  const kept = await shop.reyns("run all keep=true");
  expect(kept.stderr).toContain(
    "web-one runs an outdated definition (changed: file ./conf/web.conf)",
  );
  expect(await ids(shop)).toEqual(before);
  await shop.must("plan out=release.plan");
  const { stderr } = await shop.reyns("run all");
  expect(stderr).toContain("changed: file ./conf/web.conf");
  expect(await execIn(shop.folder, "one", "cat", "/etc/web.conf", "/own.conf")).toBe("2\n2");
  const after = await ids(shop);
  expect(after["db-two"]).toBe(before["db-two"] ?? "");
  expect(after["web-one"]).not.toBe(before["web-one"] ?? "");
  expect((await shop.reyns("run plan=release.plan")).stderr).toContain(
    "web-one is no longer needed",
  );
  expect((await shop.reyns("run all")).stderr).toContain("up to date: web-one, db-two\n");
});

test("a changed file in the volumes of a .conf replaces its instance, too", async () => {
  await using shop = await createProject({
    "services/web/Dockerfile":
      'FROM debian:bookworm-slim\nSTOPSIGNAL SIGKILL\nCMD ["sleep", "600"]\n',
    "default.conf": JSON.stringify([
      {
        service: "web",
        instance: "one",
        volumes: "$PROJECT_DIR/a.conf:/a.conf:ro, cache:/cache",
      },
    ]),
    "a.conf": "1\n",
  });
  await shop.must("run all");
  const before = await ids(shop);
  await replaceFile(shop, "a.conf", "2\n");
  expect((await shop.reyns("run all")).stderr).toContain("changed: file ./a.conf");
  const after = await ids(shop);
  expect(Object.keys(after)).toEqual(Object.keys(before));
  expect(after["web-one"]).not.toBe(before["web-one"] ?? "");
});
