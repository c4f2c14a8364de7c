import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { must, run } from "../engine/support/images-container.ts";
import { createHome } from "./support/home.ts";
import { expectNothing, from, prepareShells, shells, type Shells } from "./support/installer.ts";
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
    for (const shell of able.map(prepared.under)) {
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
      for (const shell of shells.map(prepared.under)) {
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
