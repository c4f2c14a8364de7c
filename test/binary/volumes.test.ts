// What instances mount from the host, and the volumes that the project leaves on the Engine.
import { expect, setDefaultTimeout, test } from "bun:test";
import { stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { must, run } from "../engine/support/images-container.ts";
import { containerIds, execIn } from "./support/engine.ts";
import { createProject } from "./support/project.ts";

setDefaultTimeout(240_000);

const script = (
  services: string,
): string => `import { project, ready, service, volume } from "reyns";
project("stored");
const image = { image: "debian:bookworm-slim", command: ["sleep", "600"], init: true, ready: ready.started() };
${services}
`;

test("a file of the project is mounted writable as it is, a missing path becomes a folder", async () => {
  await using shop = await createProject({ "conf/real": "1\n", Caddyfile: "2\n" });
  await symlink("conf/real", join(shop.folder, "link"));
  const absolute = join(shop.folder, "conf/real");
  await shop.write({
    "reyns.ts": script(`service("web", { ...image, volumes: [
  "./Caddyfile:/a", "./link:/b:rw", "${absolute}:/c:z", "./new/folder:/d:delegated",
] });`),
  });
  await shop.must("run all");
  const read = await execIn(shop.folder, "one", "sh", "-c", "echo x >> /a; cat /a /b /c; ls -d /d");
  expect(read.trim().split("\n")).toEqual(["2", "x", "1", "1", "/d"]);
  expect((await stat(join(shop.folder, "new/folder"))).isDirectory()).toBe(true);
  expect((await shop.reyns("run all")).stderr).toContain("up to date: web-one\n");
});

test("a new volume belongs to root, or to whom the image gives its folder; a new folder to the caller", async () => {
  await using shop = await createProject({
    "services/own/Dockerfile":
      "FROM debian:bookworm-slim\nRUN install -d -o 1000 -g 1000 /owned && touch /owned/kept\n",
    "reyns.ts": script(
      'service("own", { ...image, image: undefined, user: "1000:1000", volumes: ["new:/new", "owned:/owned", "./folder:/folder"] });',
    ),
  });
  await shop.must("run all");
  const owners = await execIn(shop.folder, "one", "stat", "-c", "%u", "/new", "/owned", "/folder");
  expect(owners.split("\n")).toEqual(["0", "1000", String(process.getuid?.())]);
  // As with Compose, the user of the container may write only to its own.
  const [id = "none"] = await containerIds(shop.folder);
  const touch = (file: string) => run(["docker", "exec", "--user", "1000:1000", id, "touch", file]);
  expect((await touch("/owned/x")).status).toBe(0);
  expect((await touch("/new/x")).stderr).toContain("Permission denied");
});

test("check warns of what no run creates", async () => {
  await using shop = await createProject(
    {
      "reyns.ts": script(
        `service("web", { ...image, volumes: ["/no/such:/a", "./x:/b:ro", "./y:/c"] });`,
      ),
    },
    { offline: true },
  );
  const { status, stderr } = await shop.reyns("check");
  expect(status).toBe(0);
  expect(stderr).toMatch(
    /web-one: \/no\/such, mounted at \/a, does not exist here \(reyns\.ts:\d+:\d+\)/,
  );
  expect(stderr).toContain(`web-one: ${shop.folder}/x, mounted at /b, does not exist here`);
  expect(stderr).not.toContain("/c");
  expect(await shop.json("check")).toHaveProperty("warnings.length", 2);
});

test("a volume with a name of its own is found by the definition's name for it", async () => {
  const name = `stored-own-${process.pid}`;
  await using shop = await createProject({
    "reyns.ts": script(`volume("own", { name: "${name}" });
service("db", { ...image, volumes: { own: "/own" } });`),
  });
  await shop.must("run all");
  await shop.must("clean all force");
  expect((await shop.reyns("volumes remove owm yes")).stderr).toContain('no volume "owm"');
  expect(await shop.json("volumes remove own yes")).toEqual([name]);
});

test("volumes are listed with who uses them, and removed when nothing does", async () => {
  await using shop = await createProject({
    "reyns.ts": script(`service("db", { ...image, volumes: { data: "/data", cache: "/cache" } });`),
  });
  await shop.must("run all");
  const [name] = ((await shop.json("volumes")) as { name: string }[]).map((volume) => volume.name);
  const prefix = (name ?? "").replace(/cache$/, "");
  expect(await shop.json("volumes size=true")).toMatchObject([
    { name: `${prefix}cache`, volume: "cache", usedBy: ["db-one"], size: 0 },
    { name: `${prefix}data`, volume: "data", usedBy: ["db-one"], size: 0 },
  ]);
  const stranger = `${prefix}stranger`;
  await must(
    "docker",
    "volume",
    "create",
    "--label",
    "io.reyns.folder=/else",
    "--label",
    "io.reyns.project=stored",
    stranger,
  );
  try {
    const inUse = await shop.reyns("volumes remove cache yes");
    expect(inUse.status).toBe(1);
    expect(inUse.stderr).toContain("db-one uses the volume cache");
    await shop.must("clean all force");
    expect(await shop.must("volumes")).toMatch(/^cache +nothing /m);
    expect((await shop.reyns("volumes remove cache")).stderr).toContain(
      "cannot ask without a terminal",
    );
    expect((await shop.reyns("volumes rm stranger yes")).stderr).toContain('no volume "stranger"');
    expect(await shop.json("volumes remove cache data yes")).toEqual([
      `${prefix}cache`,
      `${prefix}data`,
    ]);
    expect(await shop.json("volumes")).toEqual([]);
    expect((await shop.reyns("volumes remove unused=true")).stderr).toContain("no unused volumes");
    await must("docker", "volume", "inspect", stranger);
  } finally {
    await run(["docker", "volume", "rm", stranger]);
  }
});

test("clean data=true finds what removed instances have left", async () => {
  await using shop = await createProject({
    "reyns.ts":
      script(`service("db", { ...image, instance: "one", volumes: { data: "/more" }, persistentData: true });
service("web", { ...image, volumes: { cache: "/cache" }, persistentLog: true });`),
  });
  await shop.must("run all yes");
  await execIn(shop.folder, "one", "true");
  await shop.must("clean all force");
  const kept = (await shop.json("volumes")) as unknown[];
  expect(kept).toHaveLength(2);

  const one = await shop.reyns("clean db one data=true");
  expect(one.stderr).toContain("Remove data of removed instances: data_stored/db-one/data?");
  await shop.must("clean db one data=true force");
  expect((await shop.reyns("clean db two data=true force")).stderr).toContain(
    'no instance of "db"',
  );

  const all = await shop.reyns("clean all data=true");
  expect(all.stderr).toMatch(
    /Remove data of removed instances: data_stored\/web-one\/log, volume stored-\w+-cache, volume stored-\w+-data\?/,
  );
  await shop.must("clean all data=true force");
  expect(await shop.json("volumes")).toEqual([]);
  expect((await shop.reyns("clean all data=true force")).stderr).toBe("nothing to clean\n");
});

test("clean data=true leaves a volume with another folder's label, even in use under our name", async () => {
  await using shop = await createProject({
    "reyns.ts": script(`service("db", { ...image, volumes: { data: "/data" } });`),
  });
  await shop.must("run all");
  const [name = ""] = ((await shop.json("volumes")) as { name: string }[]).map(
    (volume) => volume.name,
  );
  await shop.must("clean all data=true force");
  await must(
    "docker",
    "volume",
    "create",
    "--label",
    "io.reyns.folder=/else",
    "--label",
    "io.reyns.project=stored",
    name,
  );
  try {
    await shop.must("run all yes");
    await shop.must("clean all data=true force");
    await must("docker", "volume", "inspect", name);
  } finally {
    await run(["docker", "volume", "rm", name]);
  }
});
