import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { detailsOf, publishedBy } from "./support/containers.ts";
import { containerIds, execIn } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

const [first, second, third] = [28_491, 28_492, 28_493];

let shop: Project;

beforeAll(async () => {
  shop = await createProject({
    "services/app/Dockerfile": `FROM reyns/reyns-base
# reyns: expose ${first}
#reyns: expose ${second}/udp
#  reyns:   expose 80/tcp as ${third}
# reyns is named here, and nothing is meant
EXPOSE 9999
`,
    "services/tool/Dockerfile": "FROM reyns/reyns-base\nRUN touch /plain\n",
    "services/tool_custom/Dockerfile": "FROM reyns/reyns-base\nRUN touch /custom\n",
    "services/builder/Dockerfile": `FROM reyns/reyns-base
ARG BUILDING_UID
ARG BUILDING_GID
ARG BUILDING_USER
ARG BUILDING_GROUP
RUN echo "$BUILDING_UID $BUILDING_GID $BUILDING_USER $BUILDING_GROUP" > /built-by
`,
    "services/manual/Dockerfile": "FROM reyns/reyns-base\n",
    "services/manual/no_autobuild": "",
    "default.conf": `[ { "service": "app", "instance": "one", "publish_ports": true } ]`,
  });
  await shop.must("build all");
}, 300_000);

afterAll(() => shop?.[Symbol.asyncDispose]());

test("publish_ports publishes the ports of expose annotations, and not those of EXPOSE alone", async () => {
  await shop.must("run app one");
  expect(publishedBy(await detailsOf(shop.folder, "one"))).toEqual([
    `:${first}->${first}/tcp`,
    `:${second}->${second}/udp`,
    `:${third}->80/tcp`,
  ]);
  await shop.must("clean app one");
});

test("build and run use NAME_custom in place of NAME", async () => {
  await shop.must("run tool one");
  expect(
    await execIn(shop.folder, "one", "sh", "-c", "ls /plain /custom 2>/dev/null || true"),
  ).toBe("/custom");
  await shop.must("clean tool one");
});

test("BUILDING_* are the builder's user and group, in a Dockerfile that declares them", async () => {
  await shop.must("run builder one");
  const numbers = `${process.getuid?.()} ${process.getgid?.()}`;
  expect(await execIn(shop.folder, "one", "cat", "/built-by")).toMatch(
    new RegExp(`^${numbers} \\S+ \\S+$`),
  );
  await shop.must("clean builder one");
});

test("build:all skips a folder with no_autobuild, and run builds it", async () => {
  const { stderr } = await shop.reyns("run manual one");
  expect(stderr).toMatch(/✓ \S+\/manual (is )?built/);
  expect(await containerIds(shop.folder, "one")).toHaveLength(1);
  await shop.must("clean manual one");
});

describe("all mistakes in a service's folder are reported at once, with their lines:", () => {
  test("wrong annotations", async () => {
    await shop.write({
      "services/wrong/Dockerfile": `FROM reyns/reyns-base
# reyns: expse 80
# reyns: expose 80/sctp
# reyns: expose 70000
# reyns: privilged
`,
    });
    const { status, stderr } = await shop.reyns("build all");
    expect(status).toBe(2);
    for (const line of [2, 3, 4, 5]) expect(stderr).toContain(`services/wrong/Dockerfile:${line}`);
    expect(stderr).toContain('did you mean "privileged"?');
    await rm(join(shop.folder, "services/wrong"), { recursive: true });
  });

  test("several prestartup scripts, and an invalid required_env_vars.json", async () => {
    await shop.write({
      "services/wrong/Dockerfile": "FROM reyns/reyns-base\n",
      "services/wrong/prestartup_a.sh": "#!/bin/sh\n",
      "services/wrong/prestartup_b.sh": "#!/bin/sh\n",
      "services/wrong/required_env_vars.json": '{ "A": 1,\n  "B": [] }',
    });
    const { status, stderr } = await shop.reyns("run all");
    expect(status).toBe(2);
    expect(stderr).toContain("several prestartup scripts: prestartup_a.sh, prestartup_b.sh");
    expect(stderr).toContain("services/wrong/required_env_vars.json:2:3");
    await rm(join(shop.folder, "services/wrong"), { recursive: true });
  });
});
