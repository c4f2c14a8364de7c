import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { detailsOf, variablesOf } from "./support/containers.ts";
import { createProject, projectIn, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

const awkward = {
  QUOTES: `it's "quoted" \`and\` so on`,
  DOLLAR: "$HOME ${PATH} $(id) \\$x",
  LINES: "first\nsecond\n\n  fourth\t.",
  LETTERS: "grüße, 世界, 🐳",
  EMPTY: "",
  SPACES: "  around  ",
  COMMENT: "#not a comment; && || > /dev/null",
};

let shop: Project;

beforeAll(async () => {
  shop = await createProject({
    "services/web/Dockerfile": "FROM reyns/reyns-base\nCOPY prestartup_web.sh /prestartup/\n",
    "services/web/prestartup_web.sh": '#!/bin/bash\nprintf %s "$LINES$DOLLAR" > /tmp/seen\n',
    "reyns.ts": `import { dns, link, project, service } from "reyns";
project("settings");
const ns = dns();
for (const instance of ["one", "two"])
  service("web", { instance, links: [link(ns, "dns")], env: ${JSON.stringify(awkward)} });
`,
  });
  await shop.must("run all");
}, 300_000);

afterAll(() => shop?.[Symbol.asyncDispose]());

async function ssh(command: string): Promise<{ stdout: string; stderr: string; exitCode: number }> {
  const stdout = await shop.must(["ssh", "web", "one", "capture=true", `command=${command}`]);
  return JSON.parse(stdout);
}

/** The variables of a login, exactly. */
async function loginEnvironment(): Promise<Record<string, string>> {
  const { stdout } = await ssh("env -0");
  return Object.fromEntries(
    stdout
      .split("\0")
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

test("a login has the values exactly as they are defined", async () => {
  expect(await loginEnvironment()).toMatchObject(awkward);
});

test("a shell and a prestartup script have them, too", async () => {
  const inShell = await shop.json("shell web one command=env");
  expect(inShell).toMatchObject({ stdout: expect.stringContaining(awkward.LETTERS) });
  const { stdout } = await ssh("cat /tmp/seen");
  expect(stdout).toBe(awkward.LINES + awkward.DOLLAR);
});

test("every instance has the fixed variables", async () => {
  expect(await loginEnvironment()).toMatchObject({
    SERVICE: "web",
    INSTANCE: "one",
    INSTANCE_TYPE: "standard",
    PROJECT: "settings",
    PERSISTENT_DATA: "False",
    PERSISTENT_LOG: "False",
    PERSISTENT_OPT: "False",
    PERSISTENT_HOME: "False",
    SAFEMODE: "False",
    HOST_HOSTNAME: hostname(),
    DNS_SERVICE_IP: await shop.must("getip reyns-dns"),
    USER: "reyns",
  });
});

test("the user reyns reaches the other instances from inside without a prompt", async () => {
  const hosts = ["web-two", "reyns-dns-main", "web-two.local.zone", "web"];
  for (const host of hosts) {
    const { stdout, stderr, exitCode } = await ssh(`ssh ${host} 'hostname; whoami' </dev/null`);
    const expected = host === "web" ? /^web-(one|two)\nreyns\n$/ : `${host.split(".")[0]}\nreyns\n`;
    if (typeof expected === "string") expect(stdout).toBe(expected);
    else expect(stdout).toMatch(expected);
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  }
});

describe("the value of a variable", () => {
  let mixed: Project;
  beforeAll(async () => {
    mixed = await createProject({
      "reyns.ts": `import { project, ready, service, variable } from "reyns";
project("mixed");
service("web", {
  image: "debian:bookworm-slim", init: true, command: ["sleep", "600"], ready: ready.file("/etc/hostname"),
  env: { LITERAL: "defined", LEVEL: variable("LEVEL", "info"), RENAMED: variable("LANG", "none") },
});
`,
      "legacy/default.conf": `[{ "service": "web", "instance": "one",
        "env_vars": { "LEVEL": "conf", "HOME": "/srv", "LANG": "C" } }]`,
      "legacy/services/web/Dockerfile":
        'FROM debian:bookworm-slim\nSTOPSIGNAL KILL\nCMD ["sleep", "600"]\n',
    });
  });
  afterAll(() => mixed?.[Symbol.asyncDispose]());

  const caller = {
    LITERAL: "called",
    LEVEL: "called",
    LANG: "de_DE",
    HOME: "/root",
    UNASKED: "for",
  };
  const inside = async (project: Project): Promise<Record<string, string>> =>
    variablesOf(await detailsOf(project.folder, "one"));

  test("is the definition's where that is a text, also when the caller has another", async () => {
    const { status, stderr } = await mixed.reyns("run all", { env: { LITERAL: "called" } });
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.not.stringContaining("LITERAL"),
    });
    expect(await inside(mixed)).toMatchObject({ LITERAL: "defined", LEVEL: "info" });
  });

  test("is the caller's, else host.conf's, where variable() asks for it", async () => {
    await mixed.write({ "host.conf": '{ "LEVEL": "host", "LITERAL": "host" }' });
    await mixed.must("run all");
    expect(await inside(mixed)).toMatchObject({ LITERAL: "defined", LEVEL: "host" });
    const { stderr } = await mixed.reyns("run all", { env: caller });
    // That is what it is for.
    expect(stderr).not.toContain("not from the definition");
    const values = await inside(mixed);
    expect(values).toMatchObject({ LITERAL: "defined", LEVEL: "called", RENAMED: "de_DE" });
    expect(values).not.toHaveProperty("UNASKED");
  });

  test("is the one that env= gives in this call, whatever else there is", async () => {
    const line = "run all env=LITERAL=typed env=LEVEL=typed -e MORE=typed";
    await mixed.must(line, { env: caller });
    expect(await inside(mixed)).toMatchObject({ LITERAL: "typed", LEVEL: "typed", MORE: "typed" });
    // The next call without it goes back to the definition.
    await mixed.must("run all", { env: caller });
    expect(await inside(mixed)).toMatchObject({ LITERAL: "defined", LEVEL: "called" });
  });

  test("is the caller's in a .conf, except for the variables of every shell", async () => {
    await using legacy = projectIn(join(mixed.folder, "legacy"));
    const { stderr } = await legacy.reyns("run all", { env: { ...caller, HOME: homedir() } });
    expect(stderr).toContain("warning LEVEL comes from the environment, not from the definition");
    expect(await inside(legacy)).toMatchObject({ LEVEL: "called", HOME: "/srv", LANG: "C" });
  });
});
