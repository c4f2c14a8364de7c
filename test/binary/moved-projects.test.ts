// A project is the same one when its folder moves; a copy, a clone and a new folder at its path are others.
import { $ } from "bun";
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, realpath, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../engine/support/images-container.ts";
import { inspectAll } from "./support/engine.ts";
import { projectIn, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);
beforeAll(importSmallImage);

/** Without a name of its own: it is called after its folder. */
const definition = `import { ready, service } from "reyns";
const small = { image: ${JSON.stringify(smallImage)}, init: true, command: ["sleep", "600"], ready: ready.started() };
service("db", { ...small, instance: "one", volumes: { data: "/data" } });
service("web", { ...small, instance: "one", volumes: ["./pages:/pages"] });
`;

interface Shop extends AsyncDisposable {
  readonly first: Project;
  /** A folder beside the first one. */
  beside(name: string): Project;
}

/** A project in the folder \`shop\`, with folders beside it that use nothing of each other. */
async function createShop(): Promise<Shop> {
  const outer = await realpath(await mkdtemp(join(tmpdir(), "reyns-test-")));
  const beside = (name: string): Project => projectIn(join(outer, name));
  const first = beside("shop");
  await first.write({ "reyns.ts": definition, "pages/index": "hello" });
  return {
    first,
    beside,
    [Symbol.asyncDispose]: async () => {
      const label = `label=io.reyns.folder`;
      const owned = async (...list: string[]): Promise<string[]> => {
        const format = list[0] === "ps" ? "{{.ID}}" : "{{.Name}}";
        const line = ["docker", ...list, "--filter", label, "--format"];
        const all = await must(...line, `${format} {{.Label "io.reyns.folder"}}`);
        return all
          .split("\n")
          .filter((one) => one.includes(` ${outer}/`))
          .map((one) => one.split(" ")[0] ?? "");
      };
      for (const id of await owned("ps", "-a")) await must("docker", "rm", "-f", "-v", id);
      for (const id of await owned("network", "ls")) await must("docker", "network", "rm", id);
      for (const id of await owned("volume", "ls")) await must("docker", "volume", "rm", id);
      await rm(outer, { recursive: true });
    },
  };
}

const idsIn = async (project: Project): Promise<Record<string, string>> => {
  const instances = (await project.json("ps all")) as { id: string; hostname: string }[];
  return Object.fromEntries(instances.map(({ hostname, id }) => [hostname, id]));
};

test("a project that moves while it runs keeps its name, instances, network and volumes", async () => {
  await using shop = await createShop();
  const { first } = shop;
  await first.must("run all");
  await first.must(["shell", "db", "--", "sh", "-c", "echo kept > /data/x"]);
  const before = await idsIn(first);
  const store = shop.beside("store");
  await rename(first.folder, store.folder);

  const seen = await store.reyns("ps json");
  expect(seen.stderr).toBe(
    `warning this project has moved from ${first.folder} to ${store.folder}; its instances, volumes and network stay its own\n`,
  );
  expect((await store.reyns("ps")).stderr).toBe("");
  expect(await idsIn(store)).toEqual(before);

  const [oldPages, newPages] = [first, store].map(({ folder }) => `${folder}/pages:/pages`);
  expect(await store.json("plan all")).toMatchObject({
    actions: [
      {
        action: "replace",
        name: "web-one",
        reason: "the project's folder has moved",
        changes: [{ field: "mounts", before: oldPages, after: newPages }],
      },
    ],
    unchanged: ["db-one"],
  });
  await store.must("run all");
  const after = await idsIn(store);
  expect(after["db-one"]).toBe(before["db-one"]);
  expect(after["web-one"]).not.toBe(before["web-one"]);
  expect(await store.must("shell web -- cat /pages/index")).toBe("hello");
  expect(await store.must("shell db -- cat /data/x")).toBe("kept");
  expect((await store.reyns("run all")).stderr).toContain("up to date: db-one, web-one\n");
  const names = [...(await inspectAll(first.folder)).values()].map(({ Name }) => Name);
  expect(names.toSorted()).toEqual([
    expect.stringMatching(/^\/shop-[0-9a-f]{6}-db-one$/),
    expect.stringMatching(/^\/shop-[0-9a-f]{6}-web-one$/),
  ]);
  await store.must("clean all data=true force");
  expect(await store.must("volumes json")).toBe("[]");
});

test("a project that moves while it is stopped, and back again, finds its data", async () => {
  await using shop = await createShop();
  const { first } = shop;
  await first.must("run all");
  await first.must(["shell", "db", "--", "sh", "-c", "echo kept > /data/x"]);
  await first.must("stop all");
  const store = shop.beside("store");
  await rename(first.folder, store.folder);
  for (const command of ["start", "restart"]) {
    const { status, stderr } = await store.reyns(`${command} all`);
    expect(status).toBe(1);
    expect(stderr).toContain("web-one mounts files of the project's former folder");
    expect(stderr).toContain("reyns run web one");
  }
  expect(existsSync(first.folder)).toBe(false);
  await store.must("run all");
  expect(await store.must("shell db -- cat /data/x")).toBe("kept");
  await store.must("clean all force");

  await rename(store.folder, first.folder);
  expect((await first.reyns("ps")).stderr).toContain(`moved from ${store.folder} to`);
  await first.must("run all");
  expect(await first.must("shell db -- cat /data/x")).toBe("kept");
});

test("a new project at the former path, a copy and a clone are projects of their own", async () => {
  await using shop = await createShop();
  const { first } = shop;
  await first.must("run all");
  const copy = shop.beside("copy");
  await cp(first.folder, copy.folder, { recursive: true });
  const store = shop.beside("store");
  await rename(first.folder, store.folder);
  const ids = await idsIn(store);

  await mkdir(first.folder);
  await first.write({ "reyns.ts": definition, "pages/index": "new" });
  expect(await idsIn(first)).toEqual({});
  expect((await first.reyns("clean all force")).stderr).toContain("nothing to clean");
  const { stderr } = await first.reyns("run all");
  expect(stderr).not.toContain("taken");
  expect(Object.values(await idsIn(first))).not.toContain(ids["db-one"]);
  expect(await first.must("shell db -- ls /data")).toBe("");
  expect(await first.must("shell web -- cat /pages/index")).toBe("new");
  expect(await idsIn(store)).toEqual(ids);

  expect(await idsIn(copy)).toEqual({});
  await copy.must("run all");
  expect(await copy.must("shell db -- ls /data")).toBe("");
  const clone = shop.beside("clone");
  await $`git init -q && git add . && git -c user.name=a -c user.email=a@b commit -qm x`.cwd(
    store.folder,
  );
  await $`git clone -q ${store.folder} ${clone.folder}`.quiet();
  expect(await idsIn(clone)).toEqual({});

  for (const project of [first, copy]) await project.must("clean all data=true force");
  expect(await idsIn(store)).toEqual(ids);
});

test("PROJECT_DIR finds a project that has moved; its persistent folders have moved with it", async () => {
  await using shop = await createShop();
  const { first } = shop;
  await first.write({
    "services/app/Dockerfile": "FROM reyns/reyns-base\n",
    "reyns.ts":
      'import { service } from "reyns";\nservice("app", { instance: "one", persistentData: true });\n',
  });
  await first.must("run all yes=true");
  await first.must(["shell", "app", "--", "sh", "-c", "echo kept > /data/x"]);
  const store = shop.beside("store");
  await rename(first.folder, store.folder);
  const elsewhere = { env: { PROJECT_DIR: store.folder } };
  await mkdir(shop.beside("elsewhere").folder);
  await shop.beside("elsewhere").must("run all", elsewhere);
  expect(await store.must("shell app -- cat /data/x")).toBe("kept");
  expect(existsSync(join(store.folder, "data_shop/app-one/data/x"))).toBe(true);
  await rename(store.folder, first.folder);
  await first.must("clean all data=true force");
  expect(existsSync(join(first.folder, "data_shop/app-one"))).toBe(false);
  await must("docker", "rmi", "shop/app");
});

test("without a usable .reyns/project.json the folder's path identifies a project", async () => {
  await using shop = await createShop();
  const { first } = shop;
  await first.must("run all");
  const before = await idsIn(first);
  await first.write({ ".reyns/project.json": "{" });
  expect((await first.reyns("ps")).stderr).toContain(".reyns/project.json was damaged");
  expect(await idsIn(first)).toEqual(before);
  await rm(join(first.folder, ".reyns/project.json"));
  await chmod(join(first.folder, ".reyns"), 0o555);
  expect(await idsIn(first)).toEqual(before);
  await chmod(join(first.folder, ".reyns"), 0o755);
  await rm(join(first.folder, ".reyns"), { recursive: true });
  expect((await first.reyns("run all")).stderr).toContain("up to date: db-one, web-one\n");
  expect(existsSync(join(first.folder, ".reyns/project.json"))).toBe(true);
});
