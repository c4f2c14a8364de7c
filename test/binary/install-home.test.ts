import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, lstat, mkdir, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { createHome, receiptFile } from "./support/home.ts";
import {
  executable,
  expectNothing,
  from,
  mark,
  prepareShells,
  type Shells,
} from "./support/installer.ts";
import { type ReleaseServer, serveReleases, standIn } from "./support/release-server.ts";

setDefaultTimeout(240_000);

let server: ReleaseServer;
let prepared: Shells;
beforeAll(async () => {
  server = serveReleases();
  server.publish("0.1.0");
  server.publish("0.2.0");
  prepared = await prepareShells();
});
afterAll(async () => {
  await prepared?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

describe("the installer", () => {
  test("takes every option as a variable, too", async () => {
    await using home = await createHome();
    const dir = join(home.folder, "my tools");
    const env = { REYNS_BASE_URL: server.url, REYNS_VERSION: "0.1.0", REYNS_DIR: dir };
    const dry = await home.install([], { env: { ...env, REYNS_DRY_RUN: "1" } });
    expect(dry.stdout).toContain(`would install reyns 0.1.0 for`);
    expect(dry.stdout).toContain(`as ${dir}/reyns\n`);
    expect(dry.stdout).toContain(join(home.folder, ".profile"));
    expect(await home.files()).toEqual([]);
    const quiet = { ...env, REYNS_NO_MODIFY_PATH: "yes" };
    const { stdout } = await home.install([], { env: quiet });
    expect(stdout).toContain(`not on the PATH; run: export PATH="${dir}:$PATH"\n`);
    expect(await home.files()).toEqual([receiptFile, "my tools/reyns"]);
    expect((await home.install([], { env: { REYNS_UNINSTALL: "true" } })).status).toBe(0);
    expect(await home.files()).toEqual([]);
  });

  test("lets new terminals of bash, zsh and fish find it, also in a folder with a space", async () => {
    await using home = await createHome("a home");
    const env = {
      XDG_CONFIG_HOME: join(home.folder, "conf ig"),
      ZDOTDIR: join(home.folder, "z dot"),
    };
    await mkdir(join(env.XDG_CONFIG_HOME, "fish"), { recursive: true });
    await Bun.write(join(env.ZDOTDIR, ".zshrc"), "");
    const dir = join(home.folder, "my tools");
    expect((await home.install(from(server, "--dir", dir), { env })).status).toBe(0);
    const user = { HOME: home.folder, PATH: "/usr/bin:/bin", ...env };
    const terminals = [
      ["bash", "-ic"],
      ["bash", "-lc"],
      ["sh", "-lc"],
      ["zsh", "-ic"],
      ["fish", "-c"],
    ];
    for (const words of terminals) {
      const child = Bun.spawn([...words, "reyns version"], {
        env: user,
        stdin: "ignore",
        stderr: "ignore",
      });
      expect(await child.stdout.text()).toBe("reyns 0.2.0\n");
    }
    expect((await home.install(["--uninstall"], { env })).status).toBe(0);
    // Empty before, and empty again: without it zsh would ask a newcomer's questions.
    expect(await home.files()).toEqual(["z dot/.zshrc"]);
    expect(await home.read("z dot/.zshrc")).toBe("");
  });

  test("lets bash, zsh and fish complete its words, until it is uninstalled or goes back", async () => {
    await using home = await createHome("a home");
    const zshrc = "autoload -Uz compinit && compinit -D -u\n";
    await Bun.write(join(home.folder, ".zshrc"), zshrc);
    await mkdir(join(home.folder, ".config/fish"), { recursive: true });
    await using own = serveReleases();
    own.publish("0.1.0");
    own.publish("0.2.0", standIn("0.2.0", join(import.meta.dir, "../../completion")));
    expect(await home.install(from(own))).toMatchObject({ status: 0, stderr: "" });
    const files = [
      ".config/fish/completions/reyns.fish",
      ".local/share/bash-completion/completions/reyns",
      ".local/share/reyns/completion.zsh",
    ];
    const { completionFiles } = await home.receipt();
    expect((completionFiles as string[]).toSorted()).toEqual(
      files.map((name) => join(home.folder, name)),
    );
    const user = { HOME: home.folder, PATH: "/usr/bin:/bin" };
    for (const [words, says] of [
      [["zsh", "-ic", "print $_comps[reyns]"], "_reyns\n"],
      [
        [
          "fish",
          "-c",
          "complete --do-complete 'reyns '; functions -q __reyns_complete; and echo it",
        ],
        "it\n",
      ],
    ] as const) {
      const child = Bun.spawn([...words], { env: user, stdin: "ignore", stderr: "ignore" });
      expect(await child.stdout.text()).toBe(says);
    }
    expect(await home.read(".local/share/bash-completion/completions/reyns")).toContain(
      "complete -o",
    );

    expect((await home.install(from(own, "--version", "0.1.0"))).status).toBe(0);
    for (const name of files) expect(home.has(name)).toBe(false);
    expect(await home.read(".zshrc")).not.toContain("completion.zsh");
    await home.install(from(own));
    await home.install(from(own, "--no-modify-path"));
    expect(await home.receipt()).toMatchObject({ completionFiles });
    expect((await home.install(["--uninstall"])).status).toBe(0);
    expect(await home.files()).toEqual([".zshrc"]);
    expect(await home.read(".zshrc")).toBe(zshrc);
  });

  test("adds no line for a folder that is on the PATH already", async () => {
    await using home = await createHome();
    const env = { PATH: `${home.folder}/.local/bin:/usr/bin:/bin` };
    expect((await home.install(from(server), { env })).stdout).not.toContain("PATH");
    expect(await home.files()).toEqual([executable, receiptFile]);
  });

  test("replaces the line for another folder, and names the former executable", async () => {
    await using home = await createHome();
    await home.install(from(server));
    const dir = join(home.folder, "bin");
    const { stderr } = await home.install(from(server, "--dir", dir));
    expect(stderr).toContain(`an earlier installation remains at ${home.folder}/${executable}`);
    const rc = await home.read(".bashrc");
    expect(rc.split("\n").filter((line) => line.includes(mark))).toHaveLength(1);
    expect(rc).toContain(`"${dir}:$PATH"`);
  });

  test("says when another executable hides it", async () => {
    await using home = await createHome();
    const env = { PATH: `/usr/bin:/bin:${home.folder}/.local/bin` };
    const commands = { reyns: standIn("0.0.1") };
    const { stderr } = await home.install(from(server), { env, commands });
    expect(stderr).toContain("precedes it on the PATH");
  });

  test("leaves shell files their mode, and links links", async () => {
    await using home = await createHome();
    const [link, file] = [join(home.folder, ".bashrc"), join(home.folder, "dotfiles/bashrc")];
    await Bun.write(file, "# mine\n");
    await chmod(file, 0o600);
    await symlink(file, link);
    await home.install(from(server));
    expect(await home.read("dotfiles/bashrc")).toContain(mark);
    await home.install(["--uninstall"]);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await home.read("dotfiles/bashrc")).toBe("# mine\n");
  });

  test("leaves a file that is not the one that it installed", async () => {
    await using home = await createHome();
    await home.install(from(server));
    await Bun.write(join(home.folder, executable), standIn("mine"));
    const before = await home.files();
    const { status, stderr } = await home.install(["--uninstall"]);
    expect(status).toBe(1);
    expect(stderr).toContain("has changed since its installation");
    expect(await home.files()).toEqual(before);
    await rm(join(home.folder, executable));
    expect((await home.install(["--uninstall"])).status).toBe(0);
    expect(await home.files()).toEqual([]);
  });

  test("uses wget where there is no curl, except that of BusyBox for https", async () => {
    await using home = await createHome();
    const tools = { PATH: prepared.path };
    const strict = await home.install(["--base-url", "https://127.0.0.1:1"], { env: tools });
    expect(strict.stderr).toContain("does not verify certificates");
    await expectNothing(home, strict);
  });
});
