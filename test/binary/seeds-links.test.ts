import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { detailsOf, variablesOf } from "./support/containers.ts";
import { containerIds, execIn } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

const linkTo = (name: string, instance: string | null): unknown => ({
  name,
  service: "myapp",
  instance,
});

let shop: Project;

beforeAll(async () => {
  const dockerfile = "FROM reyns/reyns-base\n";
  shop = await createProject({
    "services/myapp/Dockerfile": dockerfile,
    "services/user/Dockerfile": dockerfile,
    "services/lonely/Dockerfile": dockerfile,
    "default.conf": JSON.stringify([
      { service: "myapp", instance: "one" },
      { service: "myapp", instance: "two" },
      {
        service: "user",
        instance: "one",
        links: [linkTo("MYAPP", null), linkTo("second-app", "two"), "myapp-t*:wild", "myapp-*:all"],
      },
      { service: "lonely", instance: "one", autorun: false, links: [linkTo("gone", "three")] },
    ]),
  });
  await shop.must("build all");
}, 300_000);

afterAll(() => shop?.[Symbol.asyncDispose]());

/** What a name is in an instance, as its programs see it. */
async function resolve(instance: string, service: string, name: string): Promise<string> {
  const words = [
    "shell",
    service,
    instance,
    "capture=true",
    `command=getent ahostsv4 ${name} || true`,
  ];
  const { stdout } = JSON.parse(await shop.must(words)) as { stdout: string };
  return stdout.split(/\s/)[0] ?? "";
}

async function variables(service: string): Promise<Record<string, string>> {
  const words = ["shell", service, "one", "capture=true", "command=env"];
  const { stdout } = JSON.parse(await shop.must(words)) as { stdout: string };
  return Object.fromEntries(
    stdout.split("\n").map((line) => [line.split("=")[0] ?? "", line.slice(line.indexOf("=") + 1)]),
  );
}

test("links of both forms give a name and NAME_SERVICE_IP, and warn when several instances match", async () => {
  const { status, stderr } = await shop.reyns("run all");
  expect(status).toBe(0);
  const [one, two] = [await shop.must("getip myapp one"), await shop.must("getip myapp two")];
  const env = await variables("user");
  const links = [
    ["myapp", "MYAPP_SERVICE_IP", one],
    ["second-app", "SECOND_APP_SERVICE_IP", two],
    ["wild", "WILD_SERVICE_IP", two],
    ["all", "ALL_SERVICE_IP", one],
  ];
  for (const [name = "", variable = "", address = ""] of links) {
    expect([name, await resolve("one", "user", name)]).toEqual([name, address]);
    expect([variable, env[variable]]).toEqual([variable, address]);
  }
  expect(stderr).toContain("user-one: the link MYAPP leads to myapp-one; myapp is also myapp-two");
  expect(stderr).toContain("user-one: the link all leads to myapp-one; myapp-* is also myapp-two");
  expect(stderr).not.toContain("the link wild");
});

describe("links to instances that run", () => {
  test("a link skips a stopped instance and leads to the next", async () => {
    await shop.must("stop myapp one");
    const { stderr } = await shop.reyns("rerun user one");
    const two = await shop.must("getip myapp two");
    expect((await variables("user"))["MYAPP_SERVICE_IP"]).toBe(two);
    expect(await resolve("one", "user", "myapp")).toBe(two);
    expect(stderr).not.toContain("leads to");
  });

  test("linked=False makes no link", async () => {
    await shop.must("clean user one");
    await shop.must("run user one linked=False");
    expect((await detailsOf(shop.folder, "one")).HostConfig.ExtraHosts ?? []).toEqual([]);
    expect(await resolve("one", "user", "second-app")).toBe("");
    expect(await variables("user")).not.toHaveProperty("MYAPP_SERVICE_IP");
  });
});

describe("links to an instance that does not exist", () => {
  test("run requires the link's variable, and starts nothing without it", async () => {
    await shop.must("clean all force=True");
    const { status, stderr } = await shop.reyns("run lonely one");
    expect(status).toBe(2);
    expect(stderr).toContain("error missing value: GONE_SERVICE_IP");
    expect(await containerIds(shop.folder)).toEqual([]);
  });

  test("the link's name leads to the given address", async () => {
    await shop.must("run lonely one", { env: { GONE_SERVICE_IP: "192.0.2.77" } });
    const details = await detailsOf(shop.folder, "one");
    expect(variablesOf(details)["GONE_SERVICE_IP"]).toBe("192.0.2.77");
    expect(await execIn(shop.folder, "one", "getent", "hosts", "gone")).toMatch(/^192\.0\.2\.77 /);
  });
});
