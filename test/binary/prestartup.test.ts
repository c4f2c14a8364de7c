import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { containerIds, execIn } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

const script = (name: string): string => `#!/bin/bash\necho ${name} >> /order\n`;

const failing = `#!/bin/bash
# One stream: the Engine keeps no order between two.
exec >&2
echo "looking for the database"
echo "it is not there"
exit 4
`;

let shop: Project;

beforeAll(async () => {
  shop = await createProject({
    // Named so that neither the names nor the times of the files give the order away.
    "services/zz-base/Dockerfile": "FROM reyns/reyns-base\nCOPY prestartup_z.sh /prestartup/\n",
    "services/zz-base/prestartup_z.sh": script("base"),
    "services/middle/Dockerfile": "FROM scripted/zz-base\nCOPY prestartup_m.sh /prestartup/\n",
    "services/middle/prestartup_m.sh": script("middle"),
    "services/app/Dockerfile": "FROM scripted/middle\nCOPY prestartup_a.sh /prestartup/\n",
    "services/app/prestartup_a.sh": script("app"),
    "services/broken/Dockerfile": "FROM scripted/zz-base\nCOPY prestartup_b.sh /prestartup/\n",
    "services/broken/prestartup_b.sh": failing,
    "reyns.ts": `import { project, service } from "reyns";
project("scripted");
service("app", { instance: "one" });
service("broken", { instance: "one", autorun: false });
`,
  });
}, 300_000);

afterAll(() => shop?.[Symbol.asyncDispose]());

test("the scripts of parent images run first, each once, before run returns", async () => {
  await shop.must("run all");
  expect(await execIn(shop.folder, "one", "cat", "/order")).toBe("base\nmiddle\napp");
});

test.each([
  ["www-data", "33 33 33 /var/www"],
  ["4711", "4711 0 0 /"],
  ["www-data:games", "33 60 60 /var/www"],
  ["4711:4712", "4711 4712 4712 /"],
])("a command as the user %s comes after the scripts, which run as root", async (user, ids) => {
  const shown = 'echo "$(id -u) $(id -g) $(id -G) $HOME $MODE"; cat /order';
  const words = ["run", "app", `user=${user}`, "env=MODE=a b", "--", "sh", "-c", shown];
  const { status, stdout } = await shop.reyns(words);
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${ids} a b\nbase\nmiddle\napp\n` });
});

test("a command as a user or group that the image does not have fails with its name", async () => {
  const user = await shop.reyns("run app user=nobody-here -- id");
  expect(user.stderr).toContain('reyns: no user "nobody-here" in this image\n');
  const group = await shop.reyns("run app user=33:nobody-here -- id");
  expect(group.stderr).toContain('reyns: no group "nobody-here" in this image\n');
  expect([user.status, group.status]).toEqual([1, 1]);
});

test("/prestartup.sh runs the scripts again in the same order", async () => {
  await shop.must("ssh app one command=/prestartup.sh");
  const order = await execIn(shop.folder, "one", "cat", "/order");
  expect(order).toBe("base\nmiddle\napp\nbase\nmiddle\napp");
  await shop.must("clean app");
});

test("run reports a failing script with its name, status and last lines, and keeps the stopped instance", async () => {
  const { status, stdout, stderr } = await shop.reyns("run broken one");
  expect(status).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toContain("✗ broken-one failed");
  expect(stderr).toContain(
    "error broken-one: prestartup script prestartup_b.sh failed with status 4\n" +
      "      | looking for the database\n" +
      "      | it is not there\n" +
      "      broken-one has been stopped and kept for inspection\n" +
      "      fix the cause and run it again, or remove it: reyns clean broken one\n",
  );
  expect(await shop.json("ps")).toEqual([
    expect.objectContaining({ hostname: "broken-one", state: "exited", ready: false }),
  ]);
});

test("run --json reports a failing script with its last lines", async () => {
  const { status, stdout } = await shop.reyns("run broken one --json");
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    error: {
      code: "START_FAILED",
      message: "broken-one: prestartup script prestartup_b.sh failed with status 4",
      hint: expect.stringContaining("safemode=true"),
      output: ["looking for the database", "it is not there"],
    },
  });
});

test("logs shows the output of a failed script afterwards", async () => {
  expect(await shop.must("logs broken one")).toContain("it is not there");
});

test("run safemode=true starts in place of the stopped instance, without the scripts", async () => {
  await shop.must("run broken one safemode=true");
  expect(await containerIds(shop.folder)).toHaveLength(1);
  expect(await execIn(shop.folder, "one", "sh", "-c", "test -e /order || echo none")).toBe("none");
  await shop.must("clean broken");
});

test("rerun starts an instance whose script was fixed and built again", async () => {
  await shop.reyns("run broken one");
  await shop.write({ "services/broken/prestartup_b.sh": script("mended") });
  await shop.must("build broken");
  await shop.must("rerun broken one");
  expect(await execIn(shop.folder, "one", "cat", "/order")).toBe("base\nmended");
});
