import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { examine, findingsIn, openEmptyEngine, patient } from "./support/doctor.ts";
import { createProject, type Project } from "./support/project.ts";
import { type CallOptions, installation } from "./support/reyns.ts";

setDefaultTimeout(240_000);

let project: Project;

beforeAll(async () => {
  project = await createProject({
    "reyns.ts": 'import { project } from "reyns";\nproject("examined-engine");\n',
  });
});

afterAll(() => project[Symbol.asyncDispose]());

const examined = (
  check: string,
  options?: CallOptions,
  words?: string,
): ReturnType<typeof examine> => examine(project, check, options, words);

describe("the Engine", () => {
  test("missing ends the call with 3, after all other checks", async () => {
    const env = { DOCKER_HOST: "unix:///nowhere/docker.sock" };
    const { status, stdout } = await project.reyns("doctor json", { env });
    const checks = findingsIn(stdout);
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
