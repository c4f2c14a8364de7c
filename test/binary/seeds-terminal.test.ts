import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { until } from "../engine/support/images-container.ts";
import { detailsOf } from "./support/containers.ts";
import { containerIds, execIn, inspectAll } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { openTerminal, type Terminal } from "./support/terminal.ts";

setDefaultTimeout(240_000);

let shop: Project;

beforeAll(async () => {
  shop = await createProject({
    "services/postgres/Dockerfile": "FROM reyns/reyns-base\nCOPY prestartup_p.sh /prestartup/\n",
    "services/postgres/prestartup_p.sh": '#!/bin/bash\necho "$WORD" >> /script-has-run\n',
    "services/postgres/required_env_vars.json": '{ "WORD": "standard" }',
    "services/broken/Dockerfile": "FROM reyns/reyns-base\nCOPY prestartup_b.sh /prestartup/\n",
    "services/broken/prestartup_b.sh": "#!/bin/bash\nexit 7\n",
    "default.conf": `[{ "service": "postgres", "instance": "one" }]`,
  });
  await shop.must("build all");
}, 300_000);

afterAll(() => shop?.[Symbol.asyncDispose]());

const gone = (instance: string): Promise<boolean> =>
  until(
    `${instance} is gone`,
    async () => (await containerIds(shop.folder, instance)).length === 0,
  );

const inside = (instance: string, script: string): Promise<string> =>
  execIn(shop.folder, instance, "sh", "-c", script);

/** A call that leaves its process id. */
const interactive = "sh -c 'echo $$ > caller; exec reyns run postgres one interactive=True'";

const callerOf = async ({ folder }: Project): Promise<number> =>
  Number(await Bun.file(join(folder, "caller")).text());

/** tmux takes a command after another's ";". */
const resize = (terminal: Terminal, columns: number, rows: number): Promise<void> =>
  terminal.press("", ";", "resize-window", "-x", String(columns), "-y", String(rows));

/** Some end while their names are read. */
const listPrograms = "cat /proc/[0-9]*/comm || true";

describe("seed_command", () => {
  test("runs instead of supervisord and gets the signals", async () => {
    await shop.must(["run:postgres,instance=seeded,seed_command=sleep 1000"]);
    expect(await inside("seeded", "cat /script-has-run; tr '\\0' ' ' < /proc/1/cmdline")).toMatch(
      /^standard\n.*tini -- \/usr\/lib\/reyns\/agent \/bin\/sh -c exec sleep 1000/,
    );
    expect(await inside("seeded", listPrograms)).not.toContain("supervisord");
    await shop.must("stop postgres seeded");
    const { State } = await detailsOf(shop.folder, "seeded");
    // Ended by SIGTERM (128 + 15), not by the SIGKILL that follows ten seconds later.
    expect(State.ExitCode).toBe(143);
    await shop.must("clean postgres seeded");
  });

  test("is supervisord with an SSH server by default", async () => {
    await shop.must("run postgres one");
    await until("both", async () => {
      const names = (await inside("one", listPrograms)).split("\n");
      return names.includes("supervisord") && names.includes("sshd");
    });
    await shop.must("clean postgres one");
  });

  test("may have a shell's quotes and variables", async () => {
    const seed = `bash -c 'echo "<$WORD>" > /seeded; exec sleep 1000'`;
    await shop.must(["run", "postgres", "seeded", `seed_command=${seed}`]);
    await until("its file", async () =>
      (await inside("seeded", "cat /seeded || true")).includes("<standard>"),
    );
    await shop.must("clean postgres seeded");
  });
});

test("safemode skips the services' scripts, and /prestartup.sh runs them later", async () => {
  await shop.must("run:postgres,instance=safe,safemode=True");
  expect(await inside("safe", "printenv SAFEMODE; ls /script-has-run || true")).toBe("True");
  await shop.must("ssh postgres safe command=/prestartup.sh");
  expect(await inside("safe", "cat /script-has-run")).toBe("standard");
  await shop.must("clean postgres safe");
  await shop.must("run broken one safemode=True");
  await shop.must("clean broken one");
});

describe("interactive=True in a terminal", () => {
  test("gives a shell with the terminal's size, its keys and its exit status, after the scripts", async () => {
    await using terminal = await openTerminal({ folder: shop.folder, env: { WORD: "given" } });
    await terminal.type("reyns run:postgres,instance=one,interactive=True");
    await terminal.see("root@postgres-one:/#");
    await terminal.type("cat /script-has-run; stty size; hostname");
    await terminal.see("given\n50 80\npostgres-one");
    await resize(terminal, 100, 40);
    // The size takes its way through the Engine, and may come after what is typed.
    await terminal.type("until stty size | grep 40.100; do sleep 0.1; done");
    await terminal.see("40 100");
    await terminal.type("sleep 1000");
    await terminal.see(/sleep 1000$/);
    await until("sleep runs", async () => (await inside("one", listPrograms)).includes("sleep"));
    await terminal.press("C-c");
    await terminal.type("echo status $?");
    await terminal.see("status 130");
    expect((await detailsOf(shop.folder, "one")).HostConfig.AutoRemove).toBe(true);
    // So much to remove takes its time.
    await terminal.type("mkdir many; cd many; seq 8000 | xargs touch; exit 3");
    await terminal.see(/\n\[3\]\$$/);
    expect(await containerIds(shop.folder, "one")).toEqual([]);
    // The terminal is as it was before.
    expect(await terminal.run("stty -a")).toMatch(/icanon.* echo /s);
  });

  test("reyns shell has the terminal's size at once", async () => {
    await shop.must("run postgres sized safemode=True");
    await using terminal = await openTerminal({ folder: shop.folder });
    const call = "reyns shell postgres sized command='stty size'";
    const shown = await terminal.run(`for n in 1 2 3 4 5 6; do ${call}; done`);
    expect(shown.match(/^50 80$/gm)).toHaveLength(6);
    await shop.must("clean postgres sized");
  });

  test("lets supervisord start, and the instance be reached", async () => {
    await using terminal = await openTerminal({ folder: shop.folder });
    await terminal.type("reyns run postgres one interactive=True");
    await terminal.see("root@postgres-one:/#");
    await terminal.type("supervisord");
    await until("sshd", async () => (await inside("one", listPrograms)).includes("sshd"));
    expect(await shop.must(["ssh", "postgres", "one", "command=hostname"])).toBe("postgres-one");
    await terminal.press("C-c");
    await terminal.see(/root@postgres-one:\/# *$/);
    await terminal.type("exit");
    await terminal.see(/\n\[0\]\$$/);
    await gone("one");
  });

  test("runs no script with safemode until /prestartup.sh does", async () => {
    await using terminal = await openTerminal({ folder: shop.folder });
    await terminal.type(
      "reyns run:broken,instance=one,interactive=True,safemode=True,linked=False",
    );
    await terminal.see("root@broken-one:/#");
    await terminal.type("/prestartup.sh; echo status $?");
    await terminal.see("prestartup script prestartup_b.sh failed with status 7");
    await terminal.see("status 1");
    await terminal.type("exit");
    await terminal.see(/\n\[1\]\$$|\n\[0\]\$$/);
    await gone("one");
  });

  test.each(["", "yes"])("removes the instance when the terminal closes: %p", async (typed) => {
    await using terminal = await openTerminal({ folder: shop.folder });
    await terminal.type(interactive);
    await terminal.see("root@postgres-one:/#");
    await terminal.type(typed);
    if (typed) await terminal.see(/(\n\w){40}/);
    const caller = await callerOf(shop);
    await terminal.press("", ";", "new-window", "-d", ";", "kill-window", "-t", "0");
    await gone("one");
    await until("the call has ended", async () => !existsSync(`/proc/${caller}`));
  });

  test("leaves nothing when Ctrl-C comes while it starts", async () => {
    await using terminal = await openTerminal({ folder: shop.folder });
    await terminal.type(interactive);
    await until("it is made", async () => (await containerIds(shop.folder, "one")).length > 0);
    process.kill(await callerOf(shop), "SIGINT");
    await terminal.see(/\n\[1\d\d\]\$$/);
    await gone("one");
  });

  test("replaces a stopped instance, and no later run touches the one with the shell", async () => {
    await shop.must("run postgres one");
    await shop.must("stop postgres one");
    await using terminal = await openTerminal({ folder: shop.folder });
    await terminal.type("reyns run postgres one interactive=True");
    await terminal.see("root@postgres-one:/#");
    const { stderr } = await shop.reyns("run postgres one");
    expect(stderr).toMatch(/^warning postgres-one runs an outdated definition \(changed: .*\)\n$/);
    await terminal.type("exit");
    await terminal.see(/\n\[0\]\$$/);
    await gone("one");
  });
});

test("run interactive=True fails without a terminal, and starts nothing", async () => {
  for (const words of ["interactive=True", "instance_type=debug"]) {
    const { status, stderr } = await shop.reyns(`run postgres one ${words}`);
    expect([words, status]).toEqual([words, 2]);
    expect(stderr).toContain("postgres-one is interactive, but there is no terminal");
  }
  const { status, stderr } = await shop.reyns("run all interactive=True");
  expect([status, stderr.includes("no terminal")]).toEqual([2, true]);
  expect(await inspectAll(shop.folder)).toEqual(new Map());
});

test("LOG_LEVEL=DEBUG shows the calls to the Engine", async () => {
  const { stderr } = await shop.reyns("ps", { env: { LOG_LEVEL: "DEBUG" } });
  expect(stderr).toMatch(/GET \/\S*containers\/json\S* [\d.]+ ms/);
});
