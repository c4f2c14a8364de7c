import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { must } from "../engine/support/images-container.ts";
import { createHome, receiptFile } from "./support/home.ts";
import {
  executable,
  expectNothing,
  from,
  prepareShells,
  shells,
  type Shells,
} from "./support/installer.ts";
import { type ReleaseServer, serveReleases, sha256, standIn } from "./support/release-server.ts";

setDefaultTimeout(240_000);

const installer = join(import.meta.dir, "../../scripts/install.sh");

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

describe.each(shells)("%s", (shell) => {
  const options = () => prepared.under(shell);

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
