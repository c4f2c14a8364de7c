import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must, run } from "../engine/support/images-container.ts";
import { containerIds, execIn } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

const external = `reyns-test-there-${process.pid}`;
const own = `reyns-test-own-${process.pid}`;
const script = (target = "/there"): string => `import { service, volume } from "reyns";
const there = volume("there", { external: true, name: "${external}" });
volume("own", { name: "${own}", labels: { "com.example.team": "shop" },
  driverOpts: { type: "tmpfs", device: "tmpfs", o: "size=1m" } });
service("web", { instance: "one", image: "${smallImage}", stopSignal: "SIGKILL", volumes: [
  { type: "volume", source: there, target: "${target}" }, "own:/own", "/unnamed",
  { type: "tmpfs", target: "/memory", tmpfs: { size: "1m", mode: 0o700 } },
  { type: "bind", source: "./made", target: "/made", bind: { createHostPath: true } } ] });
`;

let shop: Project;
beforeAll(async () => {
  await importSmallImage();
  shop = await createProject({ "reyns.ts": script() });
});
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
  await run(["docker", "volume", "rm", "--force", external, own]);
});

const volumeNames = async (): Promise<string[]> =>
  (await must("docker", "volume", "ls", "--quiet")).split("\n");

test("a run without its external volume fails before anything starts", async () => {
  const { status, stderr } = await shop.reyns("run all");
  expect(status).toBe(2);
  expect(stderr).toContain(`there is no volume "${external}", which is external`);
  expect(await containerIds(shop.folder)).toEqual([]);
  expect(await volumeNames()).not.toContain(external);
});

test("an instance finds the data of an external volume, and its other mounts", async () => {
  await must("docker", "volume", "create", external);
  const [dir, file] = [`${external}:/x`, "echo kept > /x/file"];
  await must("docker", "run", "--rm", "-v", dir, smallImage, "sh", "-c", file);
  await shop.must("run all");
  const seen = await execIn(shop.folder, "one", "cat", "/there/file", "/proc/mounts");
  expect(seen).toStartWith("kept\n");
  expect(seen).toMatch(/^tmpfs \/own tmpfs \S*size=1024k/m);
  expect(seen).toMatch(/^tmpfs \/memory tmpfs \S*size=1024k,mode=700/m);
  expect(seen).toMatch(/ \/made /);
  const inspected = await must("docker", "volume", "inspect", own, external);
  const [declared, there] = JSON.parse(inspected) as { Labels: Record<string, string> | null }[];
  expect(declared?.Labels).toMatchObject({
    "com.example.team": "shop",
    "io.reyns.folder": shop.folder,
  });
  expect(Object.keys(there?.Labels ?? {})).toEqual([]);
});

test("a volume without a name stays when its container is replaced", async () => {
  await execIn(shop.folder, "one", "touch", "/unnamed/mine");
  expect(await shop.must("plan all")).toBe("Nothing to do: 1 unchanged");
  await shop.write({ "reyns.ts": script("/elsewhere") });
  expect(await shop.must("plan all")).toMatch(/mounts/);
  await shop.must("run all yes=true");
  await execIn(shop.folder, "one", "test", "-e", "/unnamed/mine");
});

test("clean with data removes the project's volumes, and no external one", async () => {
  await shop.must("clean all data=true yes=true");
  const names = await volumeNames();
  expect(names).toContain(external);
  expect(names).not.toContain(own);
});

const twice = `twice${process.pid}`;
const composeFile = (volume: string): string => `name: ${twice}
services:
  db: { image: "${smallImage}", init: true, stop_signal: SIGKILL, volumes: ["data:/data"] }
volumes:
  data: ${volume}
`;

test("a second folder with the same Compose file does not write into the data of the first", async () => {
  await using first = await createProject({ "compose.yaml": composeFile("{}") });
  await using second = await createProject({ "compose.yaml": composeFile("{}") });
  await first.must("up -d");
  for (const line of ["plan", "up -d"]) {
    const { status, stderr } = await second.reyns(line);
    expect(status).toBe(1);
    expect(stderr).toContain(`db-1: the volume ${twice}_data is in use: the container ${twice}-`);
    expect(stderr).toContain(`the project ${twice} in ${first.folder} writes to it`);
  }
  expect(await containerIds(second.folder)).toEqual([]);
  await second.write({ "compose.yaml": composeFile(`{ external: true, name: ${twice}_data }`) });
  expect((await second.must("up -d")).trim()).not.toBe("");
  expect((await first.reyns("doctor")).stdout).toContain(`${twice}_data is also written to by`);
  await second.must("down");
  // Its own volume, which another project shares on purpose, is no trouble.
  await second.write({
    "compose.yaml": composeFile(`{ external: true, name: ${twice}_data }`).replace(
      "twice",
      "other",
    ),
  });
  await second.must("up -d");
  expect((await first.reyns("doctor")).stdout).not.toContain("is also written to");
  expect((await first.reyns("rerun all")).stderr).not.toContain(`${twice}_data`);
  await second.must("down");
  await first.must("down -v");
});

test("what Docker Compose runs from another folder keeps its data for itself", async () => {
  const name = `${twice}_data`;
  const label = (key: string, value: string): string[] => [
    "--label",
    `com.docker.compose.${key}=${value}`,
  ];
  const labels = [
    ...label("project", twice),
    ...label("service", "db"),
    ...label("project.working_dir", "/elsewhere"),
  ];
  const mount = ["-v", `${name}:/data`];
  const id = await must("docker", "run", "-d", ...labels, ...mount, smallImage);
  await using folder = await createProject({ "compose.yaml": composeFile("{}") });
  const { stderr } = await folder.reyns("up -d");
  await must("docker", "rm", "-f", id);
  await must("docker", "volume", "rm", name);
  expect(stderr).toContain(`of the project ${twice} in /elsewhere writes to it`);
});
