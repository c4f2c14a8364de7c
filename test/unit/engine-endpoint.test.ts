import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findEndpoint } from "../../src/docker/client/endpoint.ts";
import { engineVersion, openEngine } from "../../src/runtime/connect.ts";
import { ReynsError } from "../../src/errors.ts";

let home: string;
let certificates: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "reyns-home-"));
  certificates = join(home, "certificates");
  await writeCertificates(certificates);
  const tls = { Host: "tcp://10.0.0.1:2376", SkipTLSVerify: false };
  await writeContext("shop", tls);
  await writeCertificates(join(folderOf("tls", "shop"), "docker"));
  await writeContext("far", { Host: "ssh://admin@far.example:2222" });
});
afterAll(() => rm(home, { recursive: true }));

async function writeCertificates(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of ["ca", "cert", "key"]) await writeFile(join(folder, `${name}.pem`), name);
}

function folderOf(kind: string, name: string): string {
  const digest = createHash("sha256").update(name).digest("hex");
  return join(home, ".docker/contexts", kind, digest);
}

async function writeContext(name: string, docker: object): Promise<void> {
  await mkdir(folderOf("meta", name), { recursive: true });
  const meta = { Name: name, Metadata: {}, Endpoints: { docker } };
  await writeFile(join(folderOf("meta", name), "meta.json"), JSON.stringify(meta));
}

async function failureOf(env: Record<string, string>): Promise<ReynsError> {
  try {
    await findEndpoint({ HOME: home, ...env });
  } catch (error) {
    if (error instanceof ReynsError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("where the Engine is", () => {
  const cases: readonly [Record<string, string>, object][] = [
    [{ DOCKER_HOST: "unix:///run/x.sock" }, { kind: "socket", path: "/run/x.sock" }],
    [{ DOCKER_HOST: "10.0.0.9" }, { kind: "tcp", host: "10.0.0.9", port: 2375 }],
    [{ DOCKER_HOST: "http://far.example:80" }, { kind: "tcp", host: "far.example", port: 80 }],
    [{ DOCKER_HOST: "http://[fd00::1]" }, { kind: "tcp", host: "fd00::1", port: 2375 }],
    [{ DOCKER_HOST: "tcp://[fd00::1]:99" }, { kind: "tcp", host: "fd00::1", port: 99 }],
    [
      { DOCKER_HOST: "ssh://me@far:22/run/user/7/docker.sock" },
      { kind: "ssh", host: "far", user: "me", port: 22, path: "/run/user/7/docker.sock" },
    ],
    [{ DOCKER_HOST: "ssh://far" }, { kind: "ssh", host: "far", user: undefined, path: undefined }],
    [{ DOCKER_CONTEXT: "far" }, { kind: "ssh", host: "far.example", user: "admin", port: 2222 }],
    [
      { DOCKER_CONTEXT: "shop" },
      { host: "10.0.0.1", certificates: { ca: Buffer.from("ca"), rejectUnauthorized: true } },
    ],
    [{ DOCKER_CONTEXT: "far", DOCKER_HOST: "tcp://10.0.0.9" }, { host: "10.0.0.9" }],
    [{ DOCKER_CONTEXT: "default" }, { kind: "socket" }],
  ];
  test.each(cases)("%j", async (env, expected) => {
    expect(await findEndpoint({ HOME: home, ...env })).toMatchObject(expected);
  });

  test("the current context of the configuration, which DOCKER_CONFIG may move", async () => {
    const config = join(home, ".docker/config.json");
    await writeFile(config, JSON.stringify({ currentContext: "far" }));
    expect(await findEndpoint({ HOME: home })).toMatchObject({ kind: "ssh" });
    const moved = { DOCKER_CONFIG: join(home, ".docker") };
    expect(await findEndpoint(moved)).toMatchObject({ kind: "ssh" });
    await writeFile(config, '{ "auths": { "far.example": { "auth": c2VjcmV0 } } }');
    const { code, at, message } = await failureOf({});
    expect({ code, at }).toEqual({ code: "NO_ENGINE", at: { file: config } });
    expect(message).toBe("cannot read Docker's configuration: it is not JSON");
    await rm(config);
  });

  test("TLS that is wanted is never left out", async () => {
    const secure = { DOCKER_HOST: "tcp://10.0.0.9", DOCKER_TLS_VERIFY: "1" };
    expect(await findEndpoint({ ...secure, DOCKER_CERT_PATH: certificates })).toMatchObject({
      port: 2376,
      certificates: { key: Buffer.from("key"), rejectUnauthorized: true },
    });
    const { message } = await failureOf(secure);
    expect(message).toContain(`missing in ${join(home, ".docker")}: ca.pem, cert.pem, key.pem`);
  });

  const refusals: readonly [Record<string, string>, string][] = [
    [{ DOCKER_HOST: "ftp://far" }, "accepted: unix:///PATH, tcp://HOST:PORT, ssh://[USER@]HOST"],
    [{ DOCKER_HOST: "ssh://me:secret@far" }, "use a key instead"],
    [{ DOCKER_HOST: "ssh://far/run/$(reboot).sock" }, "accepted: ssh://[USER@]HOST[:PORT][/PATH]"],
    [{ DOCKER_HOST: "ssh://far/run/a%27b.sock" }, "accepted: ssh://[USER@]HOST[:PORT][/PATH]"],
    [{ DOCKER_CONTEXT: "shpo" }, 'did you mean "shop"? accepted: default, far, shop'],
  ];
  test.each(refusals)("%j is refused", async (env, hint) => {
    const { code, hint: told, message } = await failureOf(env);
    expect({ code, told }).toEqual({ code: "NO_ENGINE", told: expect.stringContaining(hint) });
    expect(message).not.toContain("secret@");
  });
});

describe("the version of the API", () => {
  const cases: readonly [string | undefined, string | RegExp][] = [
    ["1.41", "1.41"],
    ["1.47", "1.47"],
    ["1.52", "1.48"],
    ["1.40", /is too old: its API version is 1\.40/],
    [undefined, /something else answers there \(status 200\)/],
  ];
  test.each(cases)("an Engine that says %p", async (version, expected) => {
    const unix = join(home, `${version}.sock`);
    await using _ = serve(unix, version);
    const engine = await openEngine({ DOCKER_HOST: `unix://${unix}` });
    if (typeof expected === "string") {
      const { apiVersion, newestApiVersion } = await engine.features();
      expect([apiVersion, newestApiVersion]).toEqual([expected, version ?? ""]);
      return;
    }
    // Whatever is asked first.
    for (const answer of [engine.features(), engineVersion(engine)]) {
      const error = await answer.catch((fault: unknown) => fault as ReynsError);
      expect(error).toMatchObject({ code: "NO_ENGINE", message: expect.stringMatching(expected) });
    }
  });
});

function serve(unix: string, version: string | undefined): AsyncDisposable {
  const server = Bun.serve({
    unix,
    fetch: () => {
      const headers = version === undefined ? {} : { "Api-Version": version };
      return Response.json({ Version: "1", ApiVersion: version }, { headers });
    },
  });
  return { [Symbol.asyncDispose]: () => server.stop(true) };
}

test.each([
  "tcp://me:p@ss-4711@10.0.0.1:2375",
  "https://me:p@ss-4711@10.0.0.1",
  "ssh://me:p@ss-4711@far.example",
  "ssh://me:p@ss-4711@far.example/$(id)",
  "ftp://me:p@ss-4711@10.0.0.1",
])("a password in %s is shown nowhere", async (address) => {
  const found = await findEndpoint({ DOCKER_HOST: address }).catch((error: unknown) => error);
  expect(Bun.inspect(found)).not.toContain("4711");
});
