import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, readdir, readFile, stat } from "node:fs/promises";
import { must, run, temporaryFolder, type Output } from "../engine/support/images-container.ts";
import { chromium, openPage } from "./support/chromium.ts";
import { containerIds } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { reyns } from "./support/reyns.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";
import { freePort } from "./support/free-port.ts";
import { openTerminal } from "./support/terminal.ts";
import { createUser, makeUnlimitedRoot, startMachine } from "./support/trust.ts";

setDefaultTimeout(300_000);

let project: Project;
let port = 0;

/** A project with a page behind its router. */
beforeAll(async () => {
  await importSmallImage();
  port = await freePort();
  project = await createProject({
    "reyns.ts": `
      import { project, router, service } from "reyns";
      project("trusted");
      router({ http: false, https: ${port} });
      service("shop", {
        image: "${smallImage}",
        command: ["busybox", "httpd", "-f", "-p", "8000", "-h", "/srv"],
        files: { "/srv/index.html": "<p>welcome to the shop" },
        route: ["shop.localhost", "shop.example.com"].map((host) => ({ host, port: 8000, tls: "internal" })),
      });
    `,
  });
  await project.must("run all");
});
afterAll(() => project?.[Symbol.asyncDispose]());

const url = (host = "shop.localhost"): string => `https://${host}:${port}/`;

describe("in Chromium", () => {
  test.skipIf(chromium === undefined)(
    "the page is refused, loads without a warning after trust, and is refused again after its removal",
    async () => {
      await using user = await createUser(project, { browser: false });
      expect(await openPage(url(), user.home)).toBe("ERR_CERT_AUTHORITY_INVALID");
      expect(await user.trust("yes=true")).toMatchObject({ status: 0 });
      expect(await openPage(url(), user.home)).toContain("welcome to the shop");
      expect(await user.trust("remove=true yes=true")).toMatchObject({ status: 0 });
      expect(await openPage(url(), user.home)).toBe("ERR_CERT_AUTHORITY_INVALID");
    },
  );

  test.skipIf(chromium === undefined)(
    "a host under a public domain stays refused: the trusted authority certifies private names only",
    async () => {
      await using user = await createUser(project);
      expect(await user.trust("yes=true")).toMatchObject({ status: 0 });
      const rules = "--host-resolver-rules=MAP shop.example.com 127.0.0.1";
      expect(await openPage(url("shop.example.com"), user.home, [rules])).toMatch(/^ERR_CERT_/);
    },
  );
});

test("trust shows its commands, asks, and changes nothing without an answer", async () => {
  await using user = await createUser(project);
  const { status, stderr } = await user.trust();
  expect(status).toBe(2);
  expect(stderr).toContain("The router's root certificate: Reyns router of trusted");
  expect(stderr).toMatch(/certutil -d sql:\S+ -A -t C,, -n reyns-trusted-[0-9a-f]{8}/);
  expect(stderr).toContain("add yes=true");
  expect(await readdir(user.home)).toEqual([".pki"]);
});

test("trust is idempotent, and its removal needs neither the router nor an Engine", async () => {
  await using user = await createUser(project);
  const added = JSON.parse((await user.trust("yes=true json=true")).stdout) as object;
  expect(added).toMatchObject({
    project: "trusted",
    subject: expect.stringMatching(/^Reyns router of trusted [0-9a-f]{8}$/),
    changes: [{ action: "add", store: "nss", owner: "Chromium" }],
  });
  const again = JSON.parse((await user.trust("yes=true json=true")).stdout) as object;
  expect(again).toMatchObject({ changes: [] });
  const env = { HOME: user.home, DOCKER_HOST: "unix:///nowhere.sock" };
  const removed = await project.reyns("trust remove=true yes=true", { env });
  expect(removed).toMatchObject({ status: 0, stdout: "removed from 1 store\n" });
  expect(await must("certutil", "-d", `sql:${user.home}/.pki/nssdb`, "-L")).not.toContain("reyns");
  const nothing = await project.reyns("trust remove=true yes=true", { env });
  expect(nothing).toMatchObject({ status: 0, stdout: "" });
});

test("a removal that leaves the browsers out leaves their record for the next one", async () => {
  await using user = await createUser(project);
  await user.trust("yes=true");
  const kept = await user.trust("remove=true browsers=false yes=true");
  expect(kept).toMatchObject({ status: 0, stdout: "" });
  expect(kept.stderr).toContain("no chosen store of this machine");
  const removed = await user.trust("remove=true yes=true");
  expect(removed).toMatchObject({ status: 0, stdout: "removed from 1 store\n" });
});

test("all=true takes out what other folders have put in", async () => {
  await using user = await createUser(project);
  await user.trust("yes=true");
  await using elsewhere = await temporaryFolder();
  const env = { HOME: user.home };
  const removed = await reyns(elsewhere.path, "trust remove=true all=true yes=true", { env });
  expect(removed).toMatchObject({ status: 0, stdout: "removed from 1 store\n" });
});

test("a machine without a store, and a project without a router, are told so", async () => {
  await using user = await createUser(project, { browser: false });
  const { status, stderr } = await user.trust("yes=true");
  expect(status).toBe(1);
  expect(stderr).toContain("no certificate store found on this machine");
  await using other = await createProject({ "reyns.ts": `import "reyns";` });
  const { status: without, stderr: reason } = await other.reyns("trust");
  expect(without).toBe(1);
  expect(reason).toContain("this project has no router on this Engine");
});

describe("in the store of a Debian", () => {
  /** The status of a connection that trusts what the system does. */
  const connect = `openssl s_client -connect 127.0.0.1:PORT -servername shop.localhost -verify_hostname shop.localhost -verify_return_error -CAfile /etc/ssl/certs/ca-certificates.crt </dev/null`;

  test("the root certificate is trusted, and leaves nothing behind", async () => {
    await using machine = await startMachine(project, "reyns/reyns-router");
    const sh = (line: string): Promise<Output> =>
      machine.exec("sh", "-c", line.replace("PORT", String(port)));
    const before = (await sh("cat /etc/ssl/certs/ca-certificates.crt; ls /etc/ssl/certs")).stdout;
    expect((await sh(connect)).status).not.toBe(0);
    const added = await sh("reyns trust yes=true");
    expect(added).toMatchObject({ status: 0 });
    expect(added.stderr).toContain("update-ca-certificates");
    expect(await sh(connect)).toMatchObject({ status: 0 });
    expect(await sh("reyns trust")).toMatchObject({ status: 0 });
    expect(await sh("reyns trust remove=true yes=true")).toMatchObject({ status: 0 });
    expect((await sh(connect)).status).not.toBe(0);
    const after = (await sh("cat /etc/ssl/certs/ca-certificates.crt; ls /etc/ssl/certs")).stdout;
    expect(after).toBe(before);
    const left = await sh("find /usr/local/share/ca-certificates /root/.local -type f");
    expect(left.stdout).toBe("");
  });

  test("a user without rights gets the commands, and the next call finds what they did", async () => {
    await using machine = await startMachine(project, "reyns/reyns-router");
    await chmod(project.folder, 0o755);
    const { gid } = await stat("/var/run/docker.sock");
    const user = ["--user", `65534:${gid}`, "--env", "HOME=/tmp/home"];
    const asUser = (line: string): Promise<Output> =>
      run(["docker", "exec", ...user, machine.id, "sh", "-c", line]);
    const { status, stderr } = await asUser("reyns trust yes=true");
    expect(stderr).toContain("changing the system's certificate store needs root");
    expect(status).toBe(1);
    const commands = stderr.split("\n").flatMap((line) => /^\s+sudo (.+)$/.exec(line)?.[1] ?? []);
    expect(commands).toHaveLength(4);
    for (const command of new Set(commands))
      expect(await machine.exec("sh", "-c", command)).toMatchObject({ status: 0 });
    const found = await asUser("reyns trust");
    expect(found.stderr).toContain("is trusted already, by 1 store");
  });

  test("on a terminal, sudo runs the commands that were shown, after a yes", async () => {
    await using machine = await startMachine(project, "reyns/reyns-router");
    await chmod(project.folder, 0o755);
    const { gid } = await stat("/var/run/docker.sock");
    await using terminal = await openTerminal({
      folder: project.folder,
      columns: 200,
      inside: ["docker", "exec", "-it", "--user", `reyns:${gid}`, machine.id],
      env: { PATH: "/usr/bin:/bin", HOME: "/home/reyns" },
    });
    await terminal.type("reyns trust");
    const asked = await terminal.see("Trust it on this machine?");
    expect(asked).toMatch(
      /sudo \S+\/install -m 644 \S+ \/usr\/local\/share\/ca-certificates\/reyns-/,
    );
    await terminal.press("y");
    await terminal.see(/reyns-trusted-[0-9a-f]{8} is trusted by 1 store/);
    expect((await machine.exec("ls", "/usr/local/share/ca-certificates")).stdout).toContain(
      "reyns-",
    );
  });

  test("certutil is named with its package when a browser needs it", async () => {
    await using machine = await startMachine(project, "reyns/reyns-common");
    const line = "mkdir -p ~/.pki/nssdb && touch ~/.pki/nssdb/cert9.db && reyns trust yes=true";
    const { status, stderr } = await machine.exec("sh", "-c", line);
    expect(stderr).toContain("the store of Chromium needs certutil, which is missing");
    expect(stderr).toContain("sudo apt-get install libnss3-tools");
    expect(status).toBe(1);
  });
});

test("a router that was made anew has another authority, which takes the place of the former", async () => {
  await using user = await createUser(project);
  await user.trust("yes=true");
  const names = async (): Promise<string[]> =>
    (await must("certutil", "-d", `sql:${user.home}/.pki/nssdb`, "-L")).match(/reyns-\S+/g) ?? [];
  const before = await names();
  await project.must("clean reyns-router force=true data=true yes=true");
  await project.must("run all");
  expect(await user.trust("yes=true")).toMatchObject({ status: 0 });
  const after = await names();
  expect(after).toHaveLength(1);
  expect(after).not.toEqual(before);
});

test("what the router gives is refused unless it is limited to private names", async () => {
  await using user = await createUser(project);
  const [id = ""] = await containerIds(project.folder, "main");
  const file = "/var/lib/caddy/authority/root.crt";
  const kept = await must("docker", "exec", id, "cat", file);
  const other = await readFile(await makeUnlimitedRoot(user.home), "utf8");
  await run(["docker", "exec", "--interactive", id, "tee", file], other);
  const { status, stderr } = await user.trust("yes=true");
  await run(["docker", "exec", "--interactive", id, "tee", file], kept);
  expect(stderr).toContain("certificate: it is not limited to private names");
  expect(status).toBe(1);
  expect(await must("certutil", "-d", `sql:${user.home}/.pki/nssdb`, "-L")).not.toContain("reyns");
});
