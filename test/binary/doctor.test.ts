import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, mkdtemp, rm, stat } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../engine/support/images-container.ts";
import { examine, findingsIn, openEmptyEngine, patient } from "./support/doctor.ts";
import { createProject, type Project } from "./support/project.ts";
import { reyns, type CallOptions } from "./support/reyns.ts";
import { openTerminal } from "./support/terminal.ts";

setDefaultTimeout(240_000);

let project: Project;

beforeAll(async () => {
  project = await createProject({
    "reyns.ts": 'import { project } from "reyns";\nproject("examined");\n',
  });
});

afterAll(() => project[Symbol.asyncDispose]());

const examined = (check: string, options?: CallOptions): ReturnType<typeof examine> =>
  examine(project, check, options);

/** Leftovers of other tests and another build's images may be there: they are warnings. */
test("doctor finds nothing wrong on a machine that has everything", async () => {
  const { status, stdout } = await project.reyns("doctor json", { env: patient });
  const checks = findingsIn(stdout);
  expect(checks.filter((one) => one.state === "bad")).toEqual([]);
  expect(status).toBe(0);
  expect([...new Set(checks.map(({ check }) => check))].toSorted()).toEqual(
    ["disk", "engine", "images", "keys", "leftovers", "network", "port 53", "ssh"].toSorted(),
  );
  expect(checks[0]?.message).toMatch(
    /^Docker [\d.]+\S* \(API 1\.\d+\) at unix:\/\/\S+, by default$/,
  );
});

describe("the project's folder", () => {
  test("with keys that others can read is bad until fix=true", async () => {
    const own = join(project.folder, ".reyns", "keys");
    const other = await createProject({ "reyns.ts": "", "host.conf": "{}" });
    await using _ = other;
    await other.must("keys rotate yes=true");
    const key = join(other.folder, ".reyns", "keys", "id_ed25519");
    await chmod(key, 0o644);
    await chmod(join(other.folder, "host.conf"), 0o644);
    await using engine = await openEmptyEngine();
    const env = { ...patient, DOCKER_HOST: engine.host };
    const before = await other.reyns("doctor", { env });
    expect(before.status).toBe(1);
    expect(before.stdout).toContain(`chmod go= ${key}`);
    expect(before.stderr).toMatch(
      /1 problem, \d+ warnings?; reyns doctor fix=true fixes \d+ of them/,
    );
    const fixed = await other.reyns("doctor fix=true", { env });
    expect(fixed.stdout).toContain("fixed: chmod go= ");
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    expect((await stat(join(other.folder, "host.conf"))).mode & 0o777).toBe(0o600);
    expect((await other.reyns("doctor", { env })).status).toBe(0);
    expect(await Bun.file(own).exists()).toBe(false);
  });

  test("shows a call that was killed, and one that goes on", async () => {
    const record = { pid: 4_194_304, user: "ada", host: hostname(), command: "run web one" };
    const lock = { ...record, since: new Date().toISOString(), unfinished: true };
    await project.write({ ".reyns/lock": JSON.stringify(lock) });
    const [status, [killed]] = await examined("project");
    expect(killed).toMatchObject({ state: "warning" });
    expect(killed?.message).toBe(
      '"reyns run web one" did not finish (killed, interrupted, or failed)',
    );
    expect(status).toBe(0);
    await project.write({ ".reyns/lock": JSON.stringify({ ...lock, pid: process.pid }) });
    const [, [going]] = await examined("project");
    expect(going).toMatchObject({ state: "ok" });
    expect(going?.message).toBe(
      `"reyns run web one" of ada (pid ${process.pid}) is changing it right now`,
    );
    await rm(join(project.folder, ".reyns/lock"));
  });

  test("on a full disk is bad", async () => {
    const disk = await mkdtemp(join(tmpdir(), "reyns-test-"));
    await must("mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=50", "none", disk);
    try {
      const [status, findings] = await examined("disk", { env: { DATA_DIR: join(disk, "data") } });
      expect(findings.at(-1)).toMatchObject({ state: "bad" });
      expect(findings.at(-1)?.message).toMatch(
        /persistent data in \S+: [01] MB and \d+ % of its inodes free/,
      );
      expect(status).toBe(1);
    } finally {
      await must("umount", disk);
      await rm(disk, { recursive: true });
    }
  });
});

test("doctor warns when there is no ssh on the PATH", async () => {
  const [status, [finding]] = await examined("ssh", { env: { PATH: "/nowhere" } });
  expect(finding).toMatchObject({ state: "bad", remedy: "install OpenSSH's client" });
  expect(status).toBe(1);
});

test("doctor names the process that has port 53", async () => {
  const program =
    "use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => 53, Proto => 'udp') or die; exec @ARGV";
  const inside = [
    Bun.which("unshare") ?? "",
    "--net",
    Bun.which("perl") ?? "",
    "-e",
    `$^F = 99; ${program}`,
  ];
  // The Engine would name the DNS that another test has published there.
  const env = { DOCKER_HOST: "unix:///nowhere/docker.sock" };
  const [, [finding]] = await examined("port 53", { inside, env });
  expect(finding).toMatchObject({ state: "warning" });
  expect(finding?.message).toMatch(/^taken by reyns \(pid \d+\) on 0\.0\.0\.0: a DNS/);
});

test("doctor checks no keys and no data outside of any project", async () => {
  const folder = await mkdtemp(join(tmpdir(), "reyns-test-"));
  const { status, stdout } = await reyns(folder, "doctor", { env: patient });
  expect(stdout).not.toContain("persistent data");
  expect(stdout).toContain("ssh");
  expect(status).toBe(0);
  await rm(folder, { recursive: true });
});

test("doctor fits 80 columns", async () => {
  await using terminal = await openTerminal({
    folder: project.folder,
    env: { ...patient, NO_COLOR: "1" },
  });
  const screen = await terminal.run("reyns doctor");
  expect(screen).toMatch(/^✓ engine +Docker /m);
  expect(screen.split("\n").filter((line) => line.length > 80)).toEqual([]);
  expect(await terminal.bytes()).not.toContain("\u001B[32m");
});

test("a network that differs from its definition, or is not there, is a warning", async () => {
  const script = (
    internal: boolean,
    more = "",
  ): string => `import { network, project } from "reyns";
import { service } from "reyns";
project("examined-networks");
network("back", { internal: ${String(internal)} });
${more}service("web", { image: "debian:bookworm-slim", command: ["sleep", "600"], init: true, networks: ["back"] });
`;
  await using shop = await createProject({ "reyns.ts": script(false) });
  await shop.must("run all");
  const findings = async () => {
    const { stdout } = await shop.reyns("doctor json", { env: patient });
    return findingsIn(stdout).filter(({ check }) => check === "networks");
  };
  expect(await findings()).toMatchObject([{ state: "ok" }]);
  const gone = `reyns-none-${process.pid}`;
  await shop.write({ "reyns.ts": script(true, `network("${gone}", { external: true });\n`) });
  expect(await findings()).toMatchObject([
    {
      state: "warning",
      message: "back differs from its definition in internal",
      remedy: "reyns run all",
    },
    { state: "warning", remedy: `docker network create ${gone}` },
  ]);
});
