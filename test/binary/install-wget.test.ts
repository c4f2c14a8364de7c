import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificates } from "./support/certificates.ts";
import { createHome } from "./support/home.ts";

setDefaultTimeout(240_000);

const targets = ["linux-x64", "linux-arm64", "linux-x64-musl", "linux-arm64-musl"];
const sums = targets.map((target) => `${"a".repeat(64)}  reyns-0.9.0-${target}.gz\n`).join("");

let folder = "";
let secure: Bun.Server<undefined>;
let plain: Bun.Server<undefined>;
/** Paths that were asked for in clear text. */
const inClear: string[] = [];
let env: Record<string, string> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reyns-wget-"));
  const { server } = await makeCertificates(join(folder, "tls"), ["127.0.0.1"]);
  plain = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      inClear.push(new URL(request.url).pathname);
      return new Response(sums);
    },
  });
  secure = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls: { cert: Bun.file(join(server, "cert.pem")), key: Bun.file(join(server, "key.pem")) },
    fetch: (request) => answer(new URL(request.url)),
  });
  await Bun.write(join(folder, "wgetrc"), `ca_certificate=${join(server, "ca.pem")}\n`);
  env = { PATH: await toolsWithoutCurl(), WGETRC: join(folder, "wgetrc") };
});

afterAll(async () => {
  await Promise.all([plain?.stop(true), secure?.stop(true)]);
  await rm(folder, { recursive: true, force: true });
});

/** The first part of the path says how the list of checksums is answered. */
function answer({ pathname, origin }: URL): Response {
  const [, way = "", ...rest] = pathname.split("/");
  const path = `/${rest.join("/")}`;
  switch (way) {
    case "clear":
      return Response.redirect(`http://127.0.0.1:${plain.port}${path}`, 302);
    case "twice":
      return Response.redirect(`${origin}/clear${path}`, 301);
    case "moved":
      return Response.redirect(`${origin}/direct${path}`, 302);
    case "relative":
      return new Response(null, { status: 307, headers: { Location: `/direct${path}` } });
    case "endless":
      return Response.redirect(`${origin}${pathname}`, 302);
    case "missing":
      return new Response("no", { status: 404 });
    case "large":
      return new Response("#".repeat(50_000_000));
    default:
      return new Response(sums);
  }
}

async function toolsWithoutCurl(): Promise<string> {
  const path = join(folder, "bin");
  await Bun.write(join(path, "x"), "");
  for (const name of await readdir("/usr/bin"))
    if (!name.startsWith("curl")) await symlink(join("/usr/bin", name), join(path, name));
  return path;
}

async function dryRun(way: string) {
  await using home = await createHome();
  const words = ["--base-url", `https://127.0.0.1:${secure.port}/${way}`, "--dry-run"];
  const { status, stdout, stderr } = await home.install(words, { env });
  return { status, text: stdout + stderr };
}

describe("the installer with wget", () => {
  test.each(["direct", "moved", "relative"])("downloads over https: %s", async (way) => {
    expect(await dryRun(way)).toEqual({
      status: 0,
      text: expect.stringContaining("would install reyns 0.9.0") as string,
    });
  });

  test.each([
    ["clear", "not secure: http://127.0.0.1"],
    ["twice", "not secure: http://127.0.0.1"],
    ["endless", "too many redirects"],
    ["missing", "SHA256SUMS"],
    ["large", "is larger than 100000 bytes"],
  ])("gives up, and asks for nothing in clear text: %s", async (way, message) => {
    const { status, text } = await dryRun(way);
    expect([status, text]).toEqual([1, expect.stringContaining(message) as string]);
    expect(inClear).toEqual([]);
  });
});

test("the installer with curl refuses a list of checksums that is too long", async () => {
  await using home = await createHome();
  const large = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response("#".repeat(50_000_000)),
  });
  const words = ["--base-url", `http://127.0.0.1:${large.port}`, "--dry-run"];
  const { status, stderr } = await home.install(words);
  await large.stop(true);
  expect([status, stderr]).toEqual([1, expect.stringContaining("is larger than") as string]);
});
