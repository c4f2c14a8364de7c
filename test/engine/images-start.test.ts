import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { imageName, provideBaseImages } from "./support/base-images.ts";
import {
  type Container,
  must,
  run,
  startContainer,
  temporaryFolder,
  until,
} from "./support/images-container.ts";
import { type Keys, makeKeys, startService } from "./support/images-keys.ts";

// Containers take their time on a busy machine.
setDefaultTimeout(240_000);

const common = imageName("common");
const sleep = ["sleep", "infinity"];

let keys: Keys;

beforeAll(async () => {
  await provideBaseImages();
  keys = await makeKeys();
}, 300_000);

afterAll(() => keys?.[Symbol.asyncDispose]());

/** Starts a command with the given /prestartup and /entrypoints, and resolves when it has ended. */
async function runScripts(
  folders: Readonly<Record<string, Readonly<Record<string, string>>>>,
  env: Readonly<Record<string, string>> = {},
  command: readonly string[] = ["echo", "seed"],
) {
  await using folder = await temporaryFolder();
  const mounts: Record<string, string> = {};
  for (const [path, files] of Object.entries(folders)) {
    const on = join(folder.path, path);
    await mkdir(on);
    mounts[on] = path;
    for (const [name, text] of Object.entries(files)) {
      await Bun.write(join(on, name), text);
      if (text.startsWith("#!")) await chmod(join(on, name), 0o755);
    }
  }
  await using container = await startContainer(common, { mounts, env, command });
  const status = await container.wait();
  const { stdout, stderr } = await run(["docker", "logs", container.id]);
  return {
    status,
    lines: stdout.split("\n").filter(Boolean),
    stderr: stderr.split("\n").filter(Boolean),
  };
}

describe("prestartup scripts", () => {
  const say = (name: string) => `echo ${name}`;

  test("parents first, then by name, then the older tool's by date", async () => {
    const { status, lines, stderr } = await runScripts(
      {
        "/prestartup": {
          "b.sh": say("b"),
          "a.sh": say("a"),
          "B.sh": say("B"),
          "parent.sh": say("parent"),
          "child.sh": say("child"),
          "notes.txt": say("notes"),
        },
        "/entrypoints": {
          "new-1500000000.sh": say("new"),
          "old-999999999.sh": say("old"),
          "zz.sh": say("zz"),
          "entry-dns.sh": say("undated"),
        },
      },
      { REYNS_PRESTARTUP: "parent.sh missing.sh child.sh" },
    );
    expect(lines).toEqual([
      "parent",
      "child",
      "B",
      "a",
      "b",
      "undated",
      "zz",
      "old",
      "new",
      "seed",
    ]);
    expect(stderr.at(-1)).toBe("reyns: ready");
    expect(status).toBe(0);
  });

  test("as root, with the environment, by the script's own interpreter", async () => {
    const { lines } = await runScripts(
      {
        "/prestartup": {
          "a.sh": 'printf "%s %s\\n" "$UID" "$ODD"',
          "b.sh": "#!/usr/bin/python3\nimport os\nprint(os.environ['ODD'])",
        },
      },
      { ODD: 'x "y" $z' },
    );
    expect(lines).toEqual(['0 x "y" $z', 'x "y" $z', "seed"]);
  });

  test("one that fails stops the start", async () => {
    const { status, lines, stderr } = await runScripts({
      "/prestartup": { "a.sh": say("a"), "b.sh": "exit 3", "c.sh": say("c") },
    });
    expect({ status, lines }).toEqual({ status: 1, lines: ["a"] });
    expect(stderr.slice(1)).toEqual(["reyns: prestartup script b.sh failed with status 3"]);
  });

  test("one whose interpreter is missing fails by name", async () => {
    const { status, stderr } = await runScripts({
      "/prestartup": { "a.sh": "#!/bin/no-shell\necho a" },
    });
    expect(status).toBe(1);
    expect(stderr.at(-1)).toMatch(/^reyns: prestartup script a\.sh failed with status 12[67]$/);
  });

  const scripts = {
    "/prestartup": { "a.sh": say('"a $ODD"') },
    "/entrypoints": { "b.sh": say("b") },
  };

  test.each(["True", "true", "TRUE", "yes", "1"])("SAFEMODE=%s skips them", async (SAFEMODE) => {
    expect((await runScripts(scripts, { SAFEMODE })).lines).toEqual(["seed"]);
  });

  test.each(["False", "no", "0", "", "maybe"])("SAFEMODE=%p does not", async (SAFEMODE) => {
    expect((await runScripts(scripts, { SAFEMODE, ODD: "1" })).lines).toEqual(["a 1", "b", "seed"]);
  });

  test.each(["/prestartup.sh", "sudo /allentrypoints.sh", "su reyns -c /prestartup.sh"])(
    "%s runs them by hand, in safe mode too",
    async (byHand) => {
      const env = { SAFEMODE: "True", ODD: "x  y", REYNS_PRESTARTUP: "a.sh" };
      const { lines, status } = await runScripts(scripts, env, ["bash", "-c", byHand]);
      expect({ lines, status }).toEqual({
        lines: ["a x y", "b"].map((line) => line.replace("x y", "x  y")),
        status: 0,
      });
    },
  );
});

describe("seed command", () => {
  test("gets the signals, and its status is the container's", async () => {
    const command = [
      "bash",
      "-c",
      "trap 'echo got TERM; exit 5' TERM; echo waiting; while :; do sleep 0.05; done",
    ];
    await using container = await startContainer(common, { command });
    await until("the seed", async () => (await container.logs()).includes("waiting"));
    await must("docker", "stop", "--time", "60", container.id);
    expect(await container.logs()).toContain("got TERM");
    expect(await container.wait()).toBe(5);
  });

  test("leaves no zombies", async () => {
    const orphans = "for i in 1 2 3; do (sleep 999 &); done; exec sleep infinity";
    await using container = await startContainer(common, { command: ["bash", "-c", orphans] });
    const sleeping = async () =>
      (await container.exec("ps", "-C", "sleep", "-o", "stat=")).stdout.trim().split("\n");
    await until("the orphans", async () => (await sleeping()).length === 4);
    await container.exec("pkill", "-x", "-f", "sleep 999");
    await until("their end", async () => (await sleeping()).length === 1);
  });

  test("leaves resolv.conf alone", async () => {
    const untouched = await startContainer(common, { entrypoint: "sleep", command: ["infinity"] });
    await using first = untouched;
    await using second = await startContainer(common, { command: sleep });
    const read = async (container: Container) =>
      (await container.exec("cat", "/etc/resolv.conf")).stdout;
    expect(await read(second)).toBe(await read(first));
  });

  test("is reached with few processes, as each takes milliseconds", async () => {
    const mounts = { [keys.folder]: "/etc/reyns/keys" };
    const command = ["sh", "-c", "true & echo $!"];
    await using container = await startContainer(common, { mounts, command });
    expect(await container.wait()).toBe(0);
    // Each gets the next number, and this is the one after them.
    const { stdout } = await run(["docker", "logs", container.id]);
    expect(Number(stdout)).toBeLessThanOrEqual(18);
  });
});

describe("supervisord", () => {
  test("runs by hand, answers supervisorctl, and takes conf files of old services", async () => {
    await using folder = await temporaryFolder();
    const conf = join(folder.path, "old.conf");
    const logFile = "stdout_logfile = /var/log/supervisor/%(program_name)s_out.log\n";
    await Bun.write(
      conf,
      `[program:old]\ncommand = bash -c "echo hello; exec sleep infinity"\n${logFile}`,
    );
    const mounts = { [conf]: "/etc/supervisor/conf.d/old.conf" };
    // A percent sign in the environment must not be taken for one of Supervisor's own expansions.
    await using container = await startContainer(common, {
      mounts,
      env: { RATE: "100%s" },
      command: ["bash", "-c", "supervisord"],
    });
    const status = async () => (await container.exec("supervisorctl", "status")).stdout;
    await until("both programs", async () => (await status()).match(/RUNNING/g)?.length === 2);
    const log = async () => (await container.exec("cat", "/var/log/supervisor/old_out.log")).stdout;
    await until("its output", async () => (await log()) === "hello\n");
    expect((await container.exec("stat", "-c", "%a", "/run/supervisor.sock")).stdout.trim()).toBe(
      "700",
    );
    expect(await container.logs()).not.toMatch(/CRIT|INFO/);
  });

  test("ends by itself on a stop, with programs that run, have ended, and were never started", async () => {
    await using folder = await temporaryFolder();
    const conf = join(folder.path, "more.conf");
    const programs = ["sleep infinity", "true", "false"].map(
      (command, i) => `[program:p${i}]\ncommand = ${command}\nstartsecs = 0\n`,
    );
    await Bun.write(conf, `${programs.join("\n")}autostart = false\n`);
    await using container = await startService(keys, {
      mounts: { [conf]: "/etc/supervisor/conf.d/more.conf" },
    });
    await must("docker", "stop", "--time", "60", container.id);
    expect(await container.wait()).toBe(0);
  });

  test("ends by itself on a stop after a reload", async () => {
    await using container = await startService(keys);
    await until("sshd", async () =>
      (await container.exec("supervisorctl", "status")).stdout.includes("RUNNING"),
    );
    const pid = async () => (await container.exec("supervisorctl", "pid", "sshd")).stdout.trim();
    const before = await pid();
    await container.exec("supervisorctl", "reload");
    const isReloaded = (now: string): boolean => /^[1-9]\d*$/.test(now) && now !== before;
    await until("the reload", async () => isReloaded(await pid()));
    await must("docker", "stop", "--time", "60", container.id);
    expect(await container.wait()).toBe(0);
  });
});
