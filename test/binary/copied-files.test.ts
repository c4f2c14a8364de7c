import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must, run } from "../engine/support/images-container.ts";
import { inspectAll } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

const marker = `marker-${process.pid}`;
const script = (content: string): string => `import { file, job, service } from "reyns";
const common = { image: "${smallImage}", stopSignal: "SIGKILL" } as const;
const files = { "/etc/app/app.conf": "${content}", "/opt/all": file("./all.bin", { mode: 0o640, uid: 7, gid: 8 }) };
service("web", { ...common, files });
service("still", { ...common, readOnly: true, volumes: ["data:/data"],
  files: { ...files, "/data/x": "in a volume" }, user: "1234" });
job("check", { ...common, files, command: ["cat", "/etc/app/app.conf"] });
service("idle", { ...common, autorun: false, files: { "/opt": "x" } });
`;
const allBytes = Uint8Array.from({ length: 256 * 300 }, (_, index) => index % 256);

let shop: Project;
beforeAll(async () => {
  await importSmallImage();
  shop = await createProject({ "reyns.ts": script(marker) });
  await Bun.write(`${shop.folder}/all.bin`, allBytes);
  await shop.must("run all");
});
afterAll(() => shop?.[Symbol.asyncDispose]());

async function idOf(service: string): Promise<string> {
  const labels = [`io.reyns.folder=${shop.folder}`, `io.reyns.service=${service}`];
  return must("docker", "ps", "-aq", ...labels.flatMap((label) => ["--filter", `label=${label}`]));
}

const inside = async (service: string, line: string): Promise<string> =>
  must("docker", "exec", await idOf(service), "busybox", "sh", "-c", line);

test("a container has its files, with owners, permissions and every byte", async () => {
  expect(await inside("web", "cat /etc/app/app.conf")).toBe(marker);
  const stat = "busybox stat -c '%a %u %g' /etc/app /etc/app/app.conf /opt/all";
  expect((await inside("web", stat)).split("\n")).toEqual(["755 0 0", "644 0 0", "640 7 8"]);
  const digest = new Bun.CryptoHasher("sha256").update(allBytes).digest("hex");
  expect(await inside("web", "busybox sha256sum /opt/all")).toContain(digest);
});

test("so has one with a read-only file system, and nothing else is writable there", async () => {
  expect(await inside("still", "cat /etc/app/app.conf /data/x")).toBe(`${marker}in a volume`);
  expect(await inside("still", "busybox head -c 3 /opt/content | busybox wc -c")).toBe("3");
  const { stderr } = await run(["docker", "exec", await idOf("still"), "touch", "/home/x"]);
  expect(stderr).toContain("Read-only file system");
});

test("jobs and commands in fresh containers have them, too", async () => {
  expect(await shop.must("logs check")).toContain(marker);
  expect(await shop.must("run web -- cat /etc/app/app.conf")).toBe(marker);
  expect(await shop.must("run still -- cat /etc/app/app.conf")).toBe(marker);
});

test("they survive restart, stop and start", async () => {
  for (const line of ["restart web", "restart still", "stop all", "start all"])
    await shop.must(line);
  for (const service of ["web", "still"])
    expect(await inside(service, "cat /etc/app/app.conf")).toBe(marker);
});

test("no content is in what the Engine tells of a container", async () => {
  expect(JSON.stringify([...(await inspectAll(shop.folder))])).not.toContain(marker);
});

test("the same files change nothing; other ones are named by plan, and replaced by run", async () => {
  expect(await shop.must("plan")).toContain("Nothing to do: 3 unchanged");
  await shop.write({ "reyns.ts": script(`other-${marker}`) });
  const { stdout } = await shop.reyns("plan web");
  expect(stdout).toMatch(/file \/etc\/app\/app\.conf +changed\n/);
  expect(stdout).not.toContain(marker);
  expect(stdout).not.toContain("/opt/all");
  await shop.must("run web");
  expect(await inside("web", "cat /etc/app/app.conf")).toBe(`other-${marker}`);
  expect(await shop.must("plan web")).toContain("1 unchanged");
  await Bun.write(`${shop.folder}/all.bin`, "less");
  expect(await shop.must("plan web")).toContain("file /opt/all");
  await Bun.write(`${shop.folder}/all.bin`, allBytes);
});

test("a file never replaces a folder of the image", async () => {
  const { status, stderr } = await shop.reyns("run idle");
  expect(status).toBe(1);
  expect(stderr).toContain("idle-one: cannot start");
  expect(stderr).toContain("/opt is a folder in its image");
  expect(await idOf("idle")).toBe("");
});
