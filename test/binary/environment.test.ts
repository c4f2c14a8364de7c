import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { hostname } from "node:os";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(60_000);

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

async function ssh(
  command: string,
): Promise<{ stdout: string; stderr: string; exit_code: number }> {
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

test("whatever the values, a login has them as they were defined", async () => {
  expect(await loginEnvironment()).toMatchObject(awkward);
});

test("so does a shell, and a prestartup script", async () => {
  const inShell = await shop.json("shell web one command=env");
  expect(inShell).toMatchObject({ stdout: expect.stringContaining(awkward.LETTERS) });
  const { stdout } = await ssh("cat /tmp/seen");
  expect(stdout).toBe(awkward.LINES + awkward.DOLLAR);
});

test("the fixed variables are there", async () => {
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

test("from inside, user reyns reaches the others without a question", async () => {
  const hosts = ["web-two", "reyns-dns-main", "web-two.local.zone", "web"];
  for (const host of hosts) {
    const { stdout, stderr, exit_code } = await ssh(`ssh ${host} 'hostname; whoami' </dev/null`);
    const expected = host === "web" ? /^web-(one|two)\nreyns\n$/ : `${host.split(".")[0]}\nreyns\n`;
    if (typeof expected === "string") expect(stdout).toBe(expected);
    else expect(stdout).toMatch(expected);
    expect({ stderr, exit_code }).toEqual({ stderr: "", exit_code: 0 });
  }
});

test("the caller's environment counts more than the definition, and that is said", async () => {
  await shop.must("clean web one");
  const options = { env: { EMPTY: "not empty", UNASKED: "for" } };
  const { stderr } = await shop.reyns("run web one", options);
  expect(stderr).toContain("warning EMPTY is taken from the environment, not from the definition");
  const inside = await loginEnvironment();
  expect(inside["EMPTY"]).toBe("not empty");
  expect(inside).not.toHaveProperty("UNASKED");
});
