import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, lstat, mkdir, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { must, run, type Output } from "../engine/support/images-container.ts";
import { busyboxTools, createHome, type InstallOptions, receiptFile } from "./support/home.ts";
import { serveReleases, sha256, standIn, type ReleaseServer } from "./support/release-server.ts";

setDefaultTimeout(240_000);

const installer = join(import.meta.dir, "../../scripts/install.sh");
const mark = "# added by the installer of reyns";
const executable = ".local/bin/reyns";

let server: ReleaseServer;
let busybox: Awaited<ReturnType<typeof busyboxTools>>;
beforeAll(async () => {
  server = serveReleases();
  server.publish("0.1.0");
  server.publish("0.2.0");
  busybox = await busyboxTools();
});
afterAll(async () => {
  await busybox?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

const from = ({ url }: ReleaseServer, ...words: string[]): string[] => [
  "--base-url",
  url,
  ...words,
];

/** It failed, said why, and left nothing behind: no executable, no receipt, no work folder. */
async function expectNothing(home: Awaited<ReturnType<typeof createHome>>, output: Output) {
  expect(output.status).not.toBe(0);
  expect(await home.files()).toEqual([]);
}

const shells = ["dash", "bash", "zsh", "busybox"] as const;

/** How a shell is called; BusyBox has nothing but its own tools. */
function under(shell: (typeof shells)[number]): Required<Pick<InstallOptions, "shell" | "env">> {
  const found = Bun.which(shell) ?? shell;
  return shell === "busybox"
    ? { shell: [found, "sh"], env: { PATH: busybox.path } }
    : { shell: [found], env: {} };
}

describe.each(shells)("%s", (shell) => {
  const options = () => under(shell);

  test("installs, installs nothing twice, goes down and up, and uninstalls everything", async () => {
    await using home = await createHome("a user's home");
    await Bun.write(join(home.folder, ".bashrc"), "alias ll='ls -l'");
    const first = await home.install(from(server), options());
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(first.stdout).toContain(`installed: ${home.folder}/${executable}\n`);
    expect(await must(join(home.folder, executable), "version")).toBe("reyns 0.2.0");
    const files = [".bashrc", executable, receiptFile, ".profile"];
    expect(await home.files()).toEqual(files);
    const rc = await home.read(".bashrc");
    expect(rc).toStartWith("alias ll='ls -l'\ncase ");
    expect(await home.receipt()).toMatchObject({
      version: "0.2.0",
      file: join(home.folder, executable),
      sha256: sha256(standIn("0.2.0")),
      baseUrl: server.url,
      installedBy: "install.sh",
      shellFiles: [join(home.folder, ".bashrc"), join(home.folder, ".profile")],
    });

    expect((await home.install(from(server), options())).status).toBe(0);
    expect(await home.read(".bashrc")).toBe(rc);

    const down = await home.install(from(server, "--version", "v0.1.0"), options());
    expect(down.stdout).toContain(`${executable}, was 0.2.0\n`);
    expect(await must(join(home.folder, executable), "version")).toBe("reyns 0.1.0");
    expect(await home.receipt()).toMatchObject({ version: "0.1.0" });
    expect((await home.install(from(server), options())).stdout).toContain("was 0.1.0");
    expect(await home.files()).toEqual(files);

    const out = await home.install(["--uninstall"], options());
    expect(out).toMatchObject({ status: 0, stderr: "" });
    expect(await home.files()).toEqual([".bashrc"]);
    expect(await home.read(".bashrc")).toBe("alias ll='ls -l'\n");
  });

  test("refuses a file other than the release names", async () => {
    await using home = await createHome();
    await using bad = serveReleases();
    bad.publish("0.3.0");
    for (const name of bad.files.keys())
      if (name.endsWith(".gz"))
        bad.files.set(name, Bun.gzipSync(Buffer.from("#!/bin/sh\necho evil\n")));
    const output = await home.install(from(bad), options());
    expect(output.stderr).toContain("does not match the checksum of its release");
    expect(output.stderr).toContain(
      `expected ${sha256(Bun.gzipSync(Buffer.from(standIn("0.3.0")), { level: 1 }))}`,
    );
    await expectNothing(home, output);
  });

  test("runs nothing when it is cut off anywhere", async () => {
    await using home = await createHome();
    const script = (await Bun.file(installer).text()).trimEnd();
    const before = server.asked.length;
    const lastLine = script.lastIndexOf("\n") + 1;
    const inIt = Array.from({ length: script.length - lastLine }, (_x, at) => lastLine + at);
    const ends = [5000, 9000, lastLine - 30, ...inIt];
    for (const end of ends) {
      const { shell: reader, env } = options();
      const { stdout } = await home.install([], {
        shell: reader,
        env: { ...env, REYNS_BASE_URL: server.url },
        script: script.slice(0, end),
      });
      expect(stdout).toBe("");
    }
    expect(server.asked.length).toBe(before);
    expect(await home.files()).toEqual([]);
  });
});

describe("install fails", () => {
  const refused: readonly {
    readonly name: string;
    readonly words?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly commands?: Readonly<Record<string, string>>;
    readonly change?: (server: ReleaseServer) => void;
    readonly says: string;
  }[] = [
    { name: "no such version", words: ["--version", "9.9.9"], says: "/download/v9.9.9/SHA256SUMS" },
    {
      name: "a file that is not there",
      change: ({ files }) => files.delete("/download/v0.2.0/reyns-0.2.0-linux-x64.gz"),
      says: "cannot download",
    },
    {
      name: "no sums at all",
      change: ({ files }) => files.set("/latest/download/SHA256SUMS", Buffer.from("")),
      says: "has no checksum for linux-x64",
    },
    {
      name: "a list of sums that was cut off",
      change: ({ files }) =>
        files.set(
          "/latest/download/SHA256SUMS",
          files.get("/latest/download/SHA256SUMS")?.slice(0, 70) ?? Buffer.from(""),
        ),
      says: "has no checksum for linux-x64",
    },
    {
      name: "two sums for one file",
      change: ({ files }) => {
        const sums = Buffer.from(files.get("/latest/download/SHA256SUMS") ?? "").toString();
        files.set("/latest/download/SHA256SUMS", Buffer.from(sums + sums.replaceAll(/^./gm, "f")));
      },
      says: "has several checksums",
    },
    {
      name: "a list of another version",
      words: ["--version", "0.1.0"],
      change: ({ files }) =>
        files.set(
          "/download/v0.1.0/SHA256SUMS",
          files.get("/latest/download/SHA256SUMS") ?? Buffer.from(""),
        ),
      says: "is for version 0.2.0, not 0.1.0",
    },
    {
      name: "an executable that does not run here",
      change: (own) => own.publish("0.2.0", "#!/bin/sh\necho no libstdc++ >&2\nexit 127\n"),
      says: "does not run on this machine\n       no libstdc++",
    },
    {
      name: "an executable of another version",
      change: (own) => own.publish("0.2.0", standIn("0.1.9")),
      says: 'printed "reyns 0.1.9" instead of "reyns 0.2.0"',
    },
    {
      name: "an unknown machine",
      commands: { uname: "#!/bin/sh\n[ $1 = -s ] && echo Linux || echo riscv64\n" },
      says: "no release for Linux on riscv64",
    },
    {
      name: "an unknown system",
      commands: { uname: "#!/bin/sh\n[ $1 = -s ] && echo Plan9 || echo x86_64\n" },
      says: "no release for Plan9 on x86_64",
    },
    {
      name: "Windows",
      commands: { uname: "#!/bin/sh\n[ $1 = -s ] && echo MINGW64_NT || echo x86_64\n" },
      says: "not for Windows",
    },
    { name: "an unknown option", words: ["--verison", "1"], says: "unknown option --verison" },
    { name: "an option without its value", words: ["--dir"], says: "--dir needs a value" },
    { name: "a strange version", words: ["--version", "../x"], says: '"../x" is not a version' },
    {
      name: "http from elsewhere",
      words: ["--base-url", "http://example.org"],
      says: "is not secure",
    },
    {
      name: "http from elsewhere that looks near",
      words: ["--base-url", "http://localhost.example.org"],
      says: "is not secure",
    },
    {
      name: "a user in the URL",
      words: ["--base-url", "http://localhost:x@example.org"],
      says: "unsupported character",
    },
    {
      name: "a folder that no PATH can have",
      words: ["--dir", "/tmp/a:b"],
      says: "the path /tmp/a:b contains one of",
    },
    { name: "a folder that would be run", words: ["--dir", "/tmp/$(id)"], says: "contains one of" },
    {
      name: "a variable that is neither yes nor no",
      env: { REYNS_DRY_RUN: "maybe" },
      says: 'REYNS_DRY_RUN is "maybe"',
    },
    { name: "nothing to uninstall", words: ["--uninstall"], says: "not installed by this script" },
  ];

  test.each(refused)("$name", async ({ words = [], env = {}, commands, change, says }) => {
    await using own = serveReleases();
    own.publish("0.1.0");
    own.publish("0.2.0");
    change?.(own);
    const linux = { uname: "#!/bin/sh\n[ $1 = -s ] && echo Linux || echo x86_64\n" };
    // BusyBox takes its own tools before those of the PATH.
    const able = shells.filter((shell) => !commands || shell !== "busybox");
    for (const shell of able.map(under)) {
      await using home = await createHome();
      const output = await home.install(words, {
        shell: shell.shell,
        env: { REYNS_BASE_URL: own.url, ...env, ...shell.env },
        commands: { ...linux, ...commands },
      });
      expect(output.stderr).toContain(says);
      await expectNothing(home, output);
    }
  });

  test("on a full disk, and the former executable goes on working", async () => {
    await using home = await createHome();
    const dir = join(home.folder, "full");
    await mkdir(dir);
    const mounted = await run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", dir]);
    if (mounted.status !== 0) return console.warn("skipped: no mount here");
    try {
      await using big = serveReleases();
      const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))).toString("base64");
      for (const shell of shells.map(under)) {
        expect((await home.install(from(server, "--dir", dir), shell)).status).toBe(0);
        // The first is too large for the disk when it is unpacked, the second before.
        for (const size of [44_000, 80_000]) {
          big.publish("0.4.0", `${standIn("0.4.0")}exit\n${noise.slice(0, size)}`);
          const output = await home.install(from(big, "--dir", dir), shell);
          expect(output.status).toBe(1);
          expect(output.stderr).toContain("the disk may be full");
          expect(await must(join(dir, "reyns"), "version")).toBe("reyns 0.2.0");
          expect((await must("ls", "-A", dir)).split("\n")).toEqual(["reyns"]);
        }
      }
    } finally {
      await must("umount", dir);
    }
  });
});

describe("install chooses the executable", () => {
  test.each([
    ["Linux", "x86_64", "ldd (GNU libc) 2.36", "linux-x64"],
    ["Linux", "aarch64", "ldd (GNU libc) 2.36", "linux-arm64"],
    ["Linux", "x86_64", "musl libc (x86_64)", "linux-x64-musl"],
    ["Linux", "arm64", "musl libc (aarch64)", "linux-arm64-musl"],
    ["Darwin", "x86_64", "", "darwin-x64"],
    ["Darwin", "arm64", "", "darwin-arm64"],
  ])("%s %s %s: %s", async (system, machine, ldd, target) => {
    await using home = await createHome();
    const commands = {
      uname: `#!/bin/sh\n[ $1 = -s ] && echo ${system} || echo ${machine}\n`,
      ldd: `#!/bin/sh\necho '${ldd}' >&2\nexit 1\n`,
    };
    const { stdout } = await home.install(from(server, "--dry-run"), { commands });
    expect(stdout).toContain(`reyns 0.2.0 for ${target} as`);
    expect(await home.files()).toEqual([]);
  });

  test("for a shell that Rosetta translates", async () => {
    await using home = await createHome();
    const commands = {
      uname: "#!/bin/sh\n[ $1 = -s ] && echo Darwin || echo x86_64\n",
      sysctl: "#!/bin/sh\necho 1\n",
    };
    const { stdout } = await home.install(from(server, "--dry-run"), { commands });
    expect(stdout).toContain("for darwin-arm64 as");
  });
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
    const tools = { PATH: busybox.path };
    const strict = await home.install(["--base-url", "https://127.0.0.1:1"], { env: tools });
    expect(strict.stderr).toContain("does not verify certificates");
    await expectNothing(home, strict);
  });
});
