import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run, until } from "../engine/support/images-container.ts";
import { detailsOf, publishedBy, variablesOf } from "./support/containers.ts";
import { execIn } from "./support/engine.ts";
import { copyFixture } from "./support/fixture.ts";
import { createProject, type Project } from "./support/project.ts";
import { installation } from "./support/reyns.ts";

setDefaultTimeout(240_000);

let project: Project;

beforeAll(async () => {
  project = await copyFixture("oldest");
  await project.must("build:all");
  await project.must("run:all");
}, 300_000);

afterAll(() => project?.[Symbol.asyncDispose]());

/** In the one instance of its name; the DNS and the client are both called "one". */
const inTwo = (script: string): Promise<string> =>
  execIn(project.folder, "two", "sh", "-c", script);

async function inService(service: string, command: string): Promise<string> {
  const words = ["shell", service, "one", "capture=true", `command=${command}`];
  return (JSON.parse(await project.must(words)) as { stdout: string }).stdout.trimEnd();
}

describe("an unchanged project of the oldest tool", () => {
  test("runs run.conf by default, with the base image under its old name", async () => {
    const instances = (await project.json("ps")) as { hostname: string; ready: boolean }[];
    expect(instances.every(({ ready }) => ready)).toBe(true);
    expect(instances.map(({ hostname }) => hostname).toSorted()).toEqual([
      "client-one",
      "dockerops-dns-one",
      "site-one",
      "site-two",
    ]);
  });

  test("runs the scripts of /entrypoints, the parent's first, by the dates in their names", async () => {
    expect(await inTwo("cat /order")).toBe("platform for site-two\nsite for site-two");
  });

  test("runs its scripts again with /allentrypoints.sh", async () => {
    expect(await inTwo("/allentrypoints.sh && tail -n 2 /order")).toBe(
      "platform for site-two\nsite for site-two",
    );
  });

  test("publishes EXPOSE and #UDPEXPOSE", async () => {
    expect(publishedBy(await detailsOf(project.folder, "two"))).toEqual([
      ":28511->28511/tcp",
      ":28512->28512/udp",
    ]);
  });

  test("runs its programs under Supervisor as the user dockerops, who may log in", async () => {
    expect(await inTwo("id -u dockerops; id -u reyns")).toBe("65527\n65527");
    await until("its answer", async () => {
      const answer = await inService(
        "client",
        `perl -MIO::Socket::INET -e 'print readline(IO::Socket::INET->new("site-two:28511"))'`,
      );
      return answer === "site-two";
    });
    const owner = "stat -c %u /proc/$(pgrep -f IO::Socket::INET | head -n 1)";
    expect(await inTwo(owner)).toBe("65527");
    const other = "ssh -o BatchMode=yes dockerops@site-two whoami";
    expect(await inService("client", `su reyns -c "${other}"`)).toMatch(/^(dockerops|reyns)$/);
  });

  test("has links of both forms", async () => {
    const variables = await inService("client", "env");
    expect(variables).toContain(`BACKEND_SERVICE_IP=${await project.must("getip site one")}`);
    expect(variables).toContain(`DNS_SERVICE_IP=${await project.must("getip dockerops-dns one")}`);
    expect(variables).toContain("GREETING=good day");
  });

  test("leads from a service's name to all instances in turns, as APPEND is its default", async () => {
    const addresses = [await project.must("getip site one"), await project.must("getip site two")];
    const first = `perl -e 'print join(".", unpack("C4", (gethostbyname("site"))[4])), "\\n" for 1..30'`;
    const seen = new Set((await inService("client", first)).split("\n"));
    expect([...seen].toSorted()).toEqual(addresses.toSorted());
  });

  test("is unchanged by a second run, and its scripts run again with rerun", async () => {
    const { status, stderr } = await project.reyns("run:all");
    expect(status).toBe(0);
    expect(stderr).toMatch(/^up to date: .*\bsite-two\b/m);
    await project.must("rerun:site,instance=two");
    expect(await inTwo("cat /order")).toBe("platform for site-two\nsite for site-two");
  });
});

test("the executable called dockerops prefers run.conf and APPEND", async () => {
  const { executable, env } = await installation();
  const dockerops = join(dirname(executable), "dockerops");
  await symlink(executable, dockerops);
  await using other = await createProject({
    "services/app/Dockerfile": "FROM dockerops/dockerops-base-ubuntu14.04\n",
    "default.conf": `[ { "service": "app", "instance": "wrong" } ]`,
    "run.conf": `[ { "service": "dockerops-dns", "instance": "one" },
      { "service": "app", "instance": "right", "links": ["dockerops-dns-one:dns"] } ]`,
  });
  const call = (line: string): Promise<{ status: number; stdout: string; stderr: string }> =>
    run(["env", "-C", other.folder, ...listed(env), dockerops, ...line.split(" ")]);
  expect(await call("run:all")).toMatchObject({ status: 0 });
  const { Config } = await detailsOf(other.folder, "right");
  expect(JSON.parse(Config.Labels["io.reyns.registration"] ?? "{}")).toMatchObject({
    policy: "APPEND",
  });
  expect((await call("ps")).stdout).toContain("right");
  expect(variablesOf(await detailsOf(other.folder, "right"))["INSTANCE"]).toBe("right");
});

const listed = (env: Readonly<Record<string, string>>): string[] =>
  Object.entries(env).map(([name, value]) => `${name}=${value}`);
