// Two checkouts of one project on one machine: the ports of the second one are free ones.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Project, projectIn } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);
beforeAll(importSmallImage);

const files = {
  "reyns.ts": `import { project, ready, service } from "reyns";
project("checkout");
service("web", { image: ${JSON.stringify(smallImage)}, init: true, ready: ready.started(),
  ports: ["127.0.0.1:28131:80", "28132-28139:81"] });
`,
};

/** A checkout whose folder is called as that of every other one. */
async function checkOut(): Promise<Project> {
  const outer = await realpath(await mkdtemp(join(tmpdir(), "reyns-test-")));
  const project = projectIn(join(outer, "shop"), { outer });
  await project.write(files);
  return project;
}

async function portsOf(project: Project): Promise<(number | null)[]> {
  const [web] = (await project.json("ps web")) as {
    ports: { container: number; host: number | null }[];
  }[];
  return [80, 81].map(
    (port) => web?.ports.find(({ container }) => container === port)?.host ?? null,
  );
}

test("a second checkout gets free ports, and keeps them until it has its own again", async () => {
  await using first = await checkOut();
  await using second = await checkOut();
  await first.must("run all");
  expect((await portsOf(first))[0]).toBe(28_131);

  const refused = await second.reyns("run all");
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain(
    "web-one: port 28131/tcp on 127.0.0.1 is taken by web-one of the project checkout",
  );
  expect(refused.stderr).toContain("reyns run all ports=free");

  const freed = await second.reyns("run all ports=free");
  expect(freed).toMatchObject({ status: 0 });
  expect(freed.stderr).toContain("this folder has free ports from now on");
  const free = await portsOf(second);
  expect(free[0]).not.toBe(28_131);
  expect((await portsOf(first))[0]).toBe(28_131);

  // Remembered: neither a change nor a replacement needs the word again.
  expect((await second.reyns("run all")).stderr).toContain("up to date: web-one");
  await second.must("rerun web");
  expect(await portsOf(second)).toEqual(free);

  await first.must("clean all");
  await second.must("run all ports=fixed");
  expect((await portsOf(second))[0]).toBe(28_131);
});

test("ports= says what it takes, and what it does not go with", async () => {
  await using shop = await checkOut();
  const wrong = await shop.reyns("run web ports=random");
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain("accepted: true, false, free, fixed");
  const command = await shop.reyns("run web ports=free -- true");
  expect(command.status).toBe(2);
  expect(command.stderr).toContain("ports=free does not go with a command");
  const copy = await shop.reyns("run web ports=fixed copy=one");
  expect(copy.status).toBe(2);
  expect(copy.stderr).toContain("the ports of a copy are always free ones");
});
