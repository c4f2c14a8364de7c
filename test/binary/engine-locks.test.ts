import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import { cp, mkdir, mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Output, run, until } from "../engine/support/images-container.ts";
import { listVolumes } from "../support/engine-api.ts";
import { containerIds } from "./support/engine.ts";
import { listOwned, type Project, projectIn } from "./support/project.ts";
import { call, type Call, type CallOptions } from "./support/reyns.ts";
import { type SshServer, startSshd } from "./support/sshd.ts";

setDefaultTimeout(240_000);

const definition = `import { project, ready, service } from "reyns";
project("shop");
const sleeps = { image: "debian:bookworm-slim", command: ["sleep", "600"], init: true };
service("web", { ...sleeps, instance: "one", ready: ready.file("/etc/hostname") });
service("slow", { ...sleeps, instance: "one", autorun: false, ready: ready.file("/go") });
`;

const canMount = (await run(["unshare", "--mount", "--uts", "true"])).status === 0;
const reason = canMount ? "" : ": needs the right to make namespaces and mounts";

/** With nothing beside it: a copy there would be told apart. */
async function createAlone(): Promise<Project> {
  const outer = await realpath(await mkdtemp(join(tmpdir(), "reyns-test-")));
  await mkdir(join(outer, "shop"));
  return projectIn(join(outer, "shop"), { outer });
}

describe.skipIf(!canMount)(`two machines and one Engine${reason}`, () => {
  let shop: Project;
  /** What the second machine has in the same path. */
  let copy: Project;
  let sshd: SshServer;
  let here: CallOptions;
  let elsewhere: CallOptions;

  beforeAll(async () => {
    [shop, copy, sshd] = [await createAlone(), await createAlone(), await startSshd()];
    for (const project of [shop, copy]) await project.write({ "reyns.ts": definition });
    here = { env: { ...sshd.env, DOCKER_HOST: "ssh://far" } };
    await shop.must("run web", here);
    const keys = ".reyns/keys";
    await cp(join(shop.folder, keys), join(copy.folder, keys), { recursive: true });
    await shop.must("clean all force", here);
    const script = 'hostname elsewhere && mount --bind "$0" "$1" && cd "$1" && shift && exec "$@"';
    elsewhere = {
      ...here,
      inside: [
        ...[Bun.which("unshare") ?? "", "--mount", "--uts", Bun.which("sh") ?? "", "-c"],
        ...[`PATH=$PATH:${process.env["PATH"]}; ${script}`, copy.folder, shop.folder],
      ],
    };
  });

  afterEach(() => shop.reyns("clean all force", here));

  afterAll(async () => {
    await copy?.[Symbol.asyncDispose]();
    await shop?.[Symbol.asyncDispose]();
    await sshd?.[Symbol.asyncDispose]();
  });

  const locks = (): Promise<unknown[]> => listVolumes(`io.reyns.folder=${shop.folder}`);

  /** A run of the slow one, at the point where it only waits for it. */
  async function slowRun(options: CallOptions): Promise<Call> {
    const going = await call(shop.folder, "run slow one", options);
    await until("the start", async () => (await containerIds(shop.folder, "one")).length > 0);
    return going;
  }

  /** Until the call has ended: it may start the container anew. */
  async function letGo(going: Call): Promise<Output> {
    let hasEnded = false;
    void going.output.then(() => (hasEnded = true));
    const touch = async (): Promise<boolean> => {
      for (const id of await containerIds(shop.folder, "one"))
        await run(["docker", "exec", id, "touch", "/go"]);
      return hasEnded;
    };
    await until("the end of the call", touch, 90);
    return going.output;
  }

  test("a call names the one on the other machine that changes the project, and goes on after it", async () => {
    const going = await slowRun(elsewhere);
    const { status, stderr } = await shop.reyns("clean all force wait=0", here);
    expect(stderr).toMatch(/: "reyns run slow one" \(pid \d+ of .+ on elsewhere, since /);
    expect(status).toBe(1);
    expect((await shop.reyns("ps", here)).status).toBe(0);
    const waiting = await call(shop.folder, "clean all force", here);
    await until("a lock", async () => (await locks()).length > 0);
    expect((await letGo(going)).status).toBe(0);
    expect((await waiting.output).status).toBe(0);
    expect(await listOwned(shop.folder)).toEqual([]);
    expect(await locks()).toEqual([]);
  });

  test("of six calls on two machines at once one creates everything", async () => {
    const options = [here, elsewhere, here, elsewhere, here, elsewhere];
    const calls = await Promise.all(options.map((option) => shop.reyns("run all", option)));
    expect(calls.map(({ status, stderr }) => (status === 0 ? 0 : stderr))).toEqual(
      calls.map(() => 0),
    );
    const said = calls.map(({ stderr }) => stderr).join("");
    expect(said.match(/network created/g)).toHaveLength(1);
    const unchanged = said.match(/up to date: web-one\n/g)?.length;
    expect({ unchanged, said }).toMatchObject({ unchanged: calls.length - 1 });
    expect(await locks()).toEqual([]);
  });

  test("a killed call of the same folder holds nobody up", async () => {
    const going = await slowRun(here);
    going.kill("SIGKILL");
    await going.output;
    expect(await locks()).not.toEqual([]);
    // Less than others wait for a renewal.
    await shop.must("clean all force wait=5", here);
    expect(await locks()).toEqual([]);
  });

  test("the lock of a machine that is gone is taken over", async () => {
    const going = await slowRun(elsewhere);
    going.kill("SIGKILL");
    await going.output;
    const { status, stderr } = await shop.reyns("clean all force", here);
    expect(stderr).toContain('waiting for "reyns run slow one" (pid ');
    expect(status).toBe(0);
    expect(await locks()).toEqual([]);
  });

  test("a call that was suspended for too long ends, and leaves the lock of the next one alone", async () => {
    const going = await slowRun(elsewhere);
    process.kill(going.pid, "SIGSTOP");
    const next = await call(shop.folder, "run slow one", here);
    const taken = async (): Promise<boolean> => (await locks()).length >= 2;
    await until("the lock to be taken over", taken, 90);
    process.kill(going.pid, "SIGCONT");
    const { status, stderr } = await going.output;
    expect(stderr).toContain(
      'error this call lost the project to another one: "reyns run slow one"',
    );
    expect(status).toBe(1);
    expect(await locks()).not.toEqual([]);
    expect((await letGo(next)).status).toBe(0);
    expect(await locks()).toEqual([]);
  });

  test("the lock costs two requests on an Engine elsewhere, and none on this machine's", async () => {
    // What starts nothing takes less time than there is between two renewals.
    await shop.must("run web", here);
    const requests = async ({ env }: CallOptions): Promise<string[]> => {
      const { stderr } = await shop.reyns("run web", { env: { ...env, LOG_LEVEL: "DEBUG" } });
      const lines = [...stderr.matchAll(/(POST|GET|DELETE) (\/volumes\/?\w*)/g)];
      return lines.map(([, method, path]) => `${method} ${path}`);
    };
    expect(await requests(here)).toEqual(["POST /volumes/create", "DELETE /volumes/reyns"]);
    expect(await requests({})).toEqual([]);
  });
});
