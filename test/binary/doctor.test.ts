import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../engine/support/images-container.ts";
import { type FakeEngine, openFakeEngine } from "./support/fake-engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { installation, reyns, type CallOptions } from "./support/reyns.ts";
import { openTerminal } from "./support/terminal.ts";

setDefaultTimeout(240_000);

interface Report {
  readonly state: string;
  readonly checks: readonly {
    readonly check: string;
    readonly state: string;
    readonly message: string;
    readonly remedy: string | null;
    readonly fixable: boolean;
    readonly fixed: string | null;
  }[];
}

let project: Project;

beforeAll(async () => {
  project = await createProject({
    "reyns.ts": 'import { project } from "reyns";\nproject("examined");\n',
  });
});

afterAll(() => project[Symbol.asyncDispose]());

/** An Engine that others use as well has more time here than a person would give it. */
const patient = { ENGINE_TIMEOUT: "30" };

/** The findings of one check, with the exit status. */
async function examined(
  check: string,
  options: CallOptions = {},
  words = "doctor json",
): Promise<[number, Report["checks"]]> {
  const { status, stdout, stderr } = await project.reyns(words, {
    ...options,
    env: { ...patient, ...options.env },
  });
  expect(stderr).not.toContain("defect");
  const report = JSON.parse(stdout) as Report;
  return [status, report.checks.filter((one) => one.check === check)];
}

/** Leftovers of other tests and another build's images may be there: they are warnings. */
test("doctor finds nothing wrong on a machine that has everything", async () => {
  const { status, stdout } = await project.reyns("doctor json", { env: patient });
  const { checks } = JSON.parse(stdout) as Report;
  expect(checks.filter((one) => one.state === "bad")).toEqual([]);
  expect(status).toBe(0);
  expect([...new Set(checks.map(({ check }) => check))].toSorted()).toEqual(
    ["disk", "engine", "images", "keys", "leftovers", "network", "port 53", "ssh"].toSorted(),
  );
  expect(checks[0]?.message).toMatch(
    /^Docker [\d.]+\S* \(API 1\.\d+\) at unix:\/\/\S+, by default$/,
  );
});

describe("the Engine", () => {
  test("missing ends the call with 3, after all other checks", async () => {
    const env = { DOCKER_HOST: "unix:///nowhere/docker.sock" };
    const { status, stdout } = await project.reyns("doctor json", { env });
    const { checks } = JSON.parse(stdout) as Report;
    expect(checks[0]).toMatchObject({ check: "engine", state: "bad" });
    expect(checks[0]?.message).toContain("the socket does not exist");
    expect(checks.map(({ check }) => check)).toContain("ssh");
    expect(status).toBe(3);
  });

  test("is chosen by a docker context", async () => {
    const config = join(project.folder, "docker");
    const meta = join(config, "contexts/meta", new Bun.SHA256().update("far").digest("hex"));
    const endpoint = { Host: "unix:///var/run/docker.sock" };
    await project.write({
      "docker/config.json": JSON.stringify({ currentContext: "far" }),
      [`${meta.slice(project.folder.length + 1)}/meta.json`]: JSON.stringify({
        Name: "far",
        Endpoints: { docker: endpoint },
      }),
    });
    const [, [finding]] = await examined("engine", { env: { DOCKER_CONFIG: config } });
    expect(finding?.message).toEndWith('by the docker context "far"');
    const [, [named]] = await examined("engine", { env: { DOCKER_HOST: endpoint.Host } });
    expect(named?.message).toEndWith("by DOCKER_HOST");
  });

  test("without an answer is given up within a second", async () => {
    const socket = join(project.folder, "silent.sock");
    const silent = Bun.listen({ unix: socket, socket: { data: () => {} } });
    const [status, [finding]] = await examined("engine", {
      env: { DOCKER_HOST: `unix://${socket}`, ENGINE_TIMEOUT: "" },
    });
    silent.stop(true);
    expect(finding?.message).toContain("does not answer within 800 ms");
    expect(status).toBe(3);
  });

  test("that is too old is reported", async () => {
    const socket = join(project.folder, "old.sock");
    const answer = { Version: "19.03.15", ApiVersion: "1.40", DockerRootDir: "/nowhere" };
    const old = Bun.serve({
      unix: socket,
      fetch: () => Response.json(answer, { headers: { "Api-Version": "1.40" } }),
    });
    const [status, [finding]] = await examined("engine", {
      env: { DOCKER_HOST: `unix://${socket}` },
    });
    await old.stop(true);
    expect(finding).toMatchObject({ state: "bad", message: expect.stringContaining("too old") });
    expect(finding?.remedy).toContain("20.10");
    expect(status).not.toBe(0);
  });

  test("that this user may not use is reported with the group that may", async () => {
    const { folder } = await installation();
    await Promise.all([chmod(folder, 0o755), chmod(project.folder, 0o755)]);
    const inside = [Bun.which("setpriv") ?? "", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const [status, [finding]] = await examined("engine", { inside });
    expect(finding).toMatchObject({ state: "bad", fixable: false });
    expect(finding?.message).toContain("permission denied");
    expect(finding?.remedy).toMatch(/^sudo usermod -aG docker "\$USER", then log in again$/);
    expect(status).toBe(1);
  });

  test("is installed and started as root after a yes", async () => {
    await using machine = await machineWithoutEngine();
    const { calls, options } = machine;
    const user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const [, [asUser]] = await examined("engine", {
      ...options,
      inside: [...options.inside, ...user],
    });
    expect(asUser).toMatchObject({ state: "bad", fixable: false });
    expect(asUser?.remedy).toBe(
      "sudo apt-get update &&\nsudo apt-get install -y docker.io iptables &&\nsudo service docker start",
    );
    const refused = await project.reyns("doctor fix=true json", options);
    expect(refused.stderr).toContain("Install docker.io and start the Docker Engine? Add yes=true");
    expect(refused.status).toBe(3);
    const [status, findings] = await examined("engine", options, "doctor fix=true yes=true json");
    expect(await calls()).toEqual([
      "apt-get update",
      "apt-get install -y docker.io iptables",
      "service docker start",
    ]);
    expect(findings).toMatchObject([{ state: "ok", fixed: expect.any(String) }, { state: "ok" }]);
    expect(status).toBe(0);
  });

  test("that cannot be installed is reported with apt-get's words", async () => {
    await using machine = await machineWithoutEngine("echo E: no network >&2; exit 100");
    const { status, stderr } = await project.reyns("doctor fix=true yes=true", machine.options);
    expect(stderr).toContain("could not be fixed: apt-get update failed with status 100");
    expect(stderr).toContain("E: no network");
    expect(status).toBe(3);
  });
});

interface Machine extends AsyncDisposable {
  readonly options: { readonly inside: readonly string[]; readonly env: Record<string, string> };
  /** Commands that were called to install and start things. */
  calls(): Promise<string[]>;
}

/** This machine with an empty /run, where the Engine's socket is to be; "service docker start" puts it there. */
async function machineWithoutEngine(aptGet = "true"): Promise<Machine> {
  const engine = await openEmptyEngine();
  const folder = await mkdtemp(join(tmpdir(), "reyns-test-"));
  const [bin, socket, log] = [join(folder, "bin"), join(folder, "sock"), join(folder, "calls")];
  await mkdir(bin);
  for (const [name, text] of [
    ["apt-get", aptGet],
    ["service", `ln -s ${socket} /run/docker.sock`],
  ] as const) {
    await Bun.write(join(bin, name), `#!/bin/sh\necho "${name} $*" >> ${log}\n${text}\n`);
    await chmod(join(bin, name), 0o755);
  }
  const { env, folder: installed } = await installation();
  await Promise.all([folder, installed, project.folder].map((path) => chmod(path, 0o755)));
  const hidden = `touch ${socket}; mount --bind ${engine.host.replace("unix://", "")} ${socket}; mount -t tmpfs none /run; exec "$@"`;
  const inside = [Bun.which("unshare") ?? "", "--mount", "sh", "-c", hidden, "sh"];
  return {
    options: { inside, env: { ...patient, PATH: `${bin}:${env["PATH"]}:/bin` } },
    calls: async () => (await Bun.file(log).text()).trimEnd().split("\n"),
    [Symbol.asyncDispose]: async () => {
      await engine[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

/** On that of all tests doctor would repair what other tests have broken on purpose. */
const openEmptyEngine = (): Promise<FakeEngine> => openFakeEngine({ jobs: [], existing: [] });

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
    const report = JSON.parse((await shop.reyns("doctor json", { env: patient })).stdout) as Report;
    return report.checks.filter(({ check }) => check === "networks");
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
