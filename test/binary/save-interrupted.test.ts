// Ctrl-C while a project is saved or loaded leaves nothing behind.
import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must, run, until } from "../engine/support/images-container.ts";
import { call } from "./support/reyns.ts";
import { createProject } from "./support/project.ts";

setDefaultTimeout(240_000);

/** An image of 60 MB that cannot be compressed takes a moment. */
async function bigImage(folder: string, name: string): Promise<AsyncDisposable> {
  const root = join(folder, "root");
  await must("sh", "-c", `mkdir ${root} && head -c 60000000 /dev/urandom >${root}/content`);
  await must("sh", "-c", `tar -C ${root} -c . | docker import - ${name}`);
  await rm(root, { recursive: true });
  return {
    [Symbol.asyncDispose]: async () => void (await run(["docker", "image", "rm", name])),
  };
}

const definition = (image: string): string => `import { project, service } from "reyns";
project("saveslow");
service("big", { image: "${image}", command: ["/content"] });
`;

async function outerFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "reyns-test-")));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test("an interrupted save leaves no file", async () => {
  await using outer = await outerFolder();
  const image = `reyns-test/saveslow-${process.pid}:1`;
  await using _ = await bigImage(outer.path, image);
  await using shop = await createProject({ "reyns.ts": definition(image) });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const saving = await call(shop.folder, `save out=${outer.path}/saved.reyns`);
    await until("the file", async () => (await readdir(outer.path)).length > 0);
    saving.kill(signal);
    const { status, stderr } = await saving.output;
    expect({ status, stderr }).toMatchObject({ status: 130 });
    expect(stderr).toContain("interrupted; nothing was changed");
    expect(await readdir(outer.path)).toEqual([]);
  }
});

test("an interrupted load leaves neither images nor files", async () => {
  await using outer = await outerFolder();
  const image = `reyns-test/saveslow-${process.pid}:2`;
  await using _ = await bigImage(outer.path, image);
  await using shop = await createProject({ "reyns.ts": definition(image) });
  await shop.must(`save out=${outer.path}/saved.reyns`);
  await must("docker", "image", "rm", image);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const folder = join(outer.path, "saveslow");
    const loading = await call(outer.path, "load saved.reyns");
    await until("the folder", async () => existsSync(folder));
    loading.kill(signal);
    const { status, stderr } = await loading.output;
    expect({ status, stderr }).toMatchObject({ status: 130 });
    expect(await readdir(outer.path)).toEqual(["saved.reyns"]);
    expect((await run(["docker", "image", "inspect", image])).status).toBe(1);
  }
});

test("an interrupted load from standard input leaves no temporary file", async () => {
  await using outer = await outerFolder();
  const inside = ["sh", "-c", '(cat /dev/zero | head -c 1000000; sleep 30) | exec "$@"', "sh"];
  const env = { TMPDIR: outer.path, PATH: process.env["PATH"] ?? "" };
  const loading = await call(outer.path, "load -", { inside: ["setsid", ...inside], env });
  await until("the temporary folder", async () => (await readdir(outer.path)).length > 0);
  await must("pkill", "--signal", "INT", "--session", String(loading.pid), "reyns");
  await until("its end", async () => (await readdir(outer.path)).length === 0);
  process.kill(-loading.pid, "SIGTERM");
  await loading.output;
});
