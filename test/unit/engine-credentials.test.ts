import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentialsFor, registryOf } from "../../src/docker/config/credentials.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reyns-credentials-"));
  const helper = join(folder, "docker-credential-test");
  const script = `#!/bin/sh
read -r registry
case $1-$registry in
  get-named.example) echo '{"Username":"me","Secret":"a:b"}' ;;
  get-token.example) echo '{"Username":"<token>","Secret":"long"}' ;;
  get-broken.example) echo 'the keychain is locked'; exit 1 ;;
  *) echo 'credentials not found in native keychain'; exit 1 ;;
esac
`;
  await writeFile(helper, script);
  await chmod(helper, 0o755);
});
afterAll(() => rm(folder, { recursive: true }));

async function found(image: string, config: object): Promise<object> {
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  const env = { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env["PATH"]}` };
  const { credentials, problem } = await credentialsFor(image, env);
  return { ...credentials, ...(problem === undefined ? {} : { problem }) };
}

test.each([
  ["postgres:17", "https://index.docker.io/v1/"],
  ["library/postgres", "https://index.docker.io/v1/"],
  ["docker.io/me/web", "https://index.docker.io/v1/"],
  ["localhost/web", "localhost"],
  ["localhost:5000/shop/web:2", "localhost:5000"],
  ["ghcr.io/me/web@sha256:0", "ghcr.io"],
])("the registry of %s is %s", (image, registry) => {
  expect(registryOf(image)).toBe(registry);
});

describe("credentials", () => {
  const auth = Buffer.from("me:a:b").toString("base64");
  const pair = { username: "me", password: "a:b" };
  const cases: readonly [string, object, object][] = [
    ["ghcr.io/x", {}, {}],
    ["ghcr.io/x", { auths: { "ghcr.io": { auth } } }, { ...pair, serveraddress: "ghcr.io" }],
    [
      "ghcr.io/x",
      { auths: { "https://ghcr.io/v2/": { auth } } },
      { ...pair, serveraddress: "ghcr.io" },
    ],
    ["ghcr.io/x", { auths: { "other.io": { auth } } }, {}],
    [
      "web",
      { auths: { "https://index.docker.io/v1/": { identitytoken: "t" } } },
      { identitytoken: "t", serveraddress: "https://index.docker.io/v1/" },
    ],
    [
      "named.example/x",
      { credHelpers: { "named.example": "test" }, auths: { "named.example": {} } },
      { ...pair, serveraddress: "named.example" },
    ],
    [
      "token.example/x",
      { credsStore: "test" },
      { identitytoken: "long", serveraddress: "token.example" },
    ],
    [
      "a.example/x",
      { credsStore: "", auths: { "a.example": { auth } } },
      { ...pair, serveraddress: "a.example" },
    ],
    [
      "a.example/x",
      { credsStore: "gone", credHelpers: { "a.example": "" }, auths: { "a.example": { auth } } },
      { ...pair, serveraddress: "a.example" },
    ],
    ["unknown.example/x", { credsStore: "test" }, {}],
    [
      "broken.example/x",
      { credsStore: "test" },
      { problem: "docker-credential-test failed: the keychain is locked" },
    ],
    [
      "a.example/x",
      { credsStore: "gone" },
      { problem: "docker-credential-gone, set in Docker's config.json, is not on the PATH" },
    ],
  ];
  test.each(cases)("for %s by %j", async (image, config, expected) => {
    expect(await found(image, config)).toEqual(expected);
  });
});
