import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { run, until } from "../engine/support/images-container.ts";
import { containerIds } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

const env = { PW: "hidden-4711" };

let shop: Project;

beforeAll(async () => {
  await importSmallImage();
  const link = (tool: string): string => `RUN ["busybox", "ln", "-s", "/bin/busybox", "${tool}"]\n`;
  shop = await createProject({
    "services/base/Dockerfile": "FROM reyns/reyns-base\n",
    "services/tiny/Dockerfile": `FROM ${smallImage}\nENV image.name=i\nRUN ["busybox", "mkdir", "-p", "/usr/bin"]\n${["/usr/bin/env", "/bin/grep"].map(link).join("")}`,
    "reyns.ts": `import { project, ready, required, service } from "reyns";
project("secret-variables");
const common = {
  env: { "discovery.type": "single node", "cluster-name": "it's", PW: required({ secret: true }) },
  ready: ready.command("grep -q discovery.type /proc/self/environ"),
  healthcheck: { test: ["CMD", "grep", "-q", "cluster-name", "/proc/self/environ"], interval: "1s", retries: 1 },
};
const sleeping = { command: ["sleep", "infinity"], stopSignal: "SIGKILL" };
service("base", { ...common, instance: "one" });
service("ready", { ...common, ...sleeping, instance: "one", image: "debian:bookworm-slim" });
service("tiny", { ...common, ...sleeping, instance: "one" });
`,
  });
  await shop.must("run all", { env });
}, 300_000);

afterAll(() => shop?.[Symbol.asyncDispose]());

const expected = {
  "discovery.type": "single node",
  "cluster-name": "it's",
  PW: "hidden-4711",
};

function parse(text: string, separator: string): Record<string, string> {
  const lines = text.split(separator).filter((line) => line.includes("="));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

async function idOf(service: string): Promise<string> {
  const ids = await containerIds(shop.folder, "one");
  for (const id of ids) {
    const { stdout } = await run(["docker", "inspect", "-f", "{{json .Config.Labels}}", id]);
    if (stdout.includes(`"io.reyns.service":"${service}"`)) return id;
  }
  throw new Error(`no container of ${service}`);
}

test.each(["base", "ready", "tiny"])(
  "a secret leaves variables with dots and dashes to the process of %s and to its health check",
  async (service) => {
    const cat = ["docker", "exec", "-u", "0", await idOf(service), "cat", "/proc/1/environ"];
    expect(parse((await run(cat)).stdout, "\0")).toMatchObject(expected);
    const health = async (): Promise<string | undefined> =>
      ((await shop.json(`ps ${service}`)) as { health: string }[])[0]?.health;
    await until("its first check", async () => (await health()) !== "starting");
    expect(await health()).toBe("healthy");
  },
);

/** The environment of a command that is executed in an instance. */
async function environmentIn(
  session: "shell" | "ssh",
  service: string,
  command = "cat /proc/self/environ",
): Promise<Record<string, string>> {
  const words = [session, service, "one", "json", `command=${command}`];
  const { stdout } = JSON.parse(await shop.must(words)) as { stdout: string };
  return parse(stdout, "\0");
}

test.each(["base", "ready", "tiny"])("so does reyns shell in %s", async (service) => {
  expect(await environmentIn("shell", service)).toMatchObject(expected);
});

test("so does reyns ssh, with a command and in a login shell", async () => {
  expect(await environmentIn("ssh", "base")).toMatchObject(expected);
  const login = await environmentIn("ssh", "base", "bash -lc 'cat /proc/self/environ'");
  expect(login).toMatchObject(expected);
});

test("variables of the image with such a name stay, too", async () => {
  expect(await environmentIn("shell", "tiny")).toMatchObject({ "image.name": "i" });
});

test("a command line of several commands, and a builtin, still work", async () => {
  for (const service of ["ready", "tiny"]) {
    const status = await shop.reyns(["shell", service, "one", "command=exit 7"]);
    expect(status.status).toBe(7);
    const line = 'command=echo "$PW" | cat; test "$PW" && cat <<E\nhi $PW\nE';
    const { stdout } = await shop.reyns(["shell", service, "one", line]);
    expect(stdout).toBe("hidden-4711\nhi hidden-4711\n");
  }
});

test("files that an instance puts among its secrets are not read", async () => {
  const id = await idOf("ready");
  const script = [
    "cd /run/secrets",
    "ln -s /etc/passwd evil; mkfifo pipe; truncate -s 2G BIG; printf x > OTHER; mkdir -p dir/sub",
    "mv PW kept",
  ].join("; ");
  const inside = (line: string): Promise<unknown> =>
    run(["docker", "exec", "-u", "0", id, "sh", "-c", line]);
  await inside(script);
  try {
    for (const replace of [
      "ln -s /etc/passwd PW",
      "mkfifo PW",
      "truncate -s 2G PW",
      "printf 'x\\0y' > PW",
      "mkdir PW",
      ":",
    ]) {
      await inside(`cd /run/secrets; rm -rf PW; ${replace}`);
      const { status, stdout, stderr } = await shop.reyns([
        ...["shell", "ready", "one"],
        "command=env; echo end",
      ]);
      expect({ replace, status, stderr }).toEqual({ replace, status: 0, stderr: "" });
      expect(stdout).toEndWith("end\n");
      expect(stdout).not.toMatch(/^(PW|evil|BIG|OTHER|pipe)=/m);
    }
  } finally {
    await inside("cd /run/secrets; rm -rf PW evil pipe BIG OTHER dir; mv kept PW");
  }
}, 300_000);
