import { expect, setDefaultTimeout, test } from "bun:test";
import { must } from "../engine/support/images-container.ts";
import { inspectAll } from "./support/engine.ts";
import { createDemo, createProject } from "./support/project.ts";

setDefaultTimeout(240_000);

const hosts = ["demo-one", "demo-two", "reyns-dns-main"];

test("two folders with the same project name run side by side", async () => {
  await using here = await createDemo();
  await using there = await createDemo();
  for (const project of [here, there]) await project.must("run all");

  const [ours, theirs] = [await inspectAll(here.folder), await inspectAll(there.folder)];
  expect([...ours.keys()].toSorted()).toEqual(hosts);
  expect([...theirs.keys()].toSorted()).toEqual(hosts);
  expect(await here.must("getip demo one")).not.toBe(await there.must("getip demo one"));

  const seen = (await here.json("ps")) as { id: string }[];
  const idsOf = (containers: typeof ours): string[] =>
    [...containers.values()].map(({ Id }) => Id.slice(0, 12)).toSorted();
  expect(seen.map(({ id }) => id).toSorted()).toEqual(idsOf(ours));

  // The other folder's build has taken the images' names over: that is no change of this project's.
  const again = await here.reyns("run all");
  expect(again.stderr).toBe(`up to date: ${hosts.toSorted(dnsFirst).join(", ")}\n`);

  await here.must("clean all force=True");
  expect(await inspectAll(here.folder)).toEqual(new Map());
  expect([...(await inspectAll(there.folder)).keys()].toSorted()).toEqual(hosts);
  const ping = "ping -c 1 -W 2 demo-one";
  expect((await there.reyns(["ssh", "demo", "two", `command=${ping}`])).status).toBe(0);
});

function dnsFirst(one: string, other: string): number {
  return Number(other.startsWith("reyns-dns")) - Number(one.startsWith("reyns-dns"));
}

test("clean never touches a foreign container in our network or with our names", async () => {
  await using shop = await createProject({
    "services/web/Dockerfile": "FROM reyns/reyns-base\n",
    "reyns.ts":
      'import { project, service } from "reyns";\nproject("besides");\nservice("web", { instance: "one" });\n',
  });
  await shop.must("run all");
  const [web] = (await inspectAll(shop.folder)).values();
  const network = (web?.Name ?? "").replace(/^\/|-web-one$/g, "");
  const name = `${network}-web-two`;
  await must(
    ...["docker", "run", "--detach", "--name", name, "--network", network],
    ...["--label", "io.reyns.project=besides", "--label", "io.reyns.folder=/somewhere/else"],
    ...["--label", "io.reyns.service=web", "--label", "io.reyns.instance=two"],
    ...["--stop-timeout", "0", "debian:bookworm-slim", "sleep", "600"],
  );
  try {
    expect(await shop.json("ps all")).toHaveLength(1);
    const { status, stderr } = await shop.reyns("clean all force=True");
    expect(status).toBe(0);
    expect(stderr).toContain(`the network ${network} stays: still used by ${name}`);
    expect(await must("docker", "inspect", "--format", "{{.State.Running}}", name)).toBe("true");
    expect(await must("docker", "network", "ls", "-q", "--filter", `name=${network}`)).not.toBe("");
  } finally {
    await must("docker", "rm", "--force", name);
  }
});
