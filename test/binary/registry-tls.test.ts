// Images from a registry with TLS and a password, whose authority only its folder below /etc/docker/certs.d makes known.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { must, run } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";
import { startRegistry, type TestRegistry } from "./support/registry.ts";

setDefaultTimeout(240_000);

const reason = process.getuid?.() === 0 ? undefined : "needs root, for /etc/docker/certs.d";

describe.skipIf(reason !== undefined)(`a registry with TLS${reason ? `: ${reason}` : ""}`, () => {
  let registry: TestRegistry;
  let shop: Project;
  let name: string;
  const folder = (): string => join("/etc/docker/certs.d", registry.address);

  beforeAll(async () => {
    registry = await startRegistry({ login: ["ann", "secret"], secureAt: ownAddress() });
    name = `${registry.address}/tls/app:1`;
    const auth = Buffer.from("ann:secret").toString("base64");
    shop = await createProject({
      "app/Dockerfile": "FROM debian:bookworm-slim\nCOPY version /version\n",
      "docker/config.json": JSON.stringify({ auths: { [registry.address]: { auth } } }),
    });
  });
  afterAll(async () => {
    await run(["docker", "rmi", "--force", name]);
    await shop?.[Symbol.asyncDispose]();
    await rm(folder(), { recursive: true, force: true });
    await registry?.[Symbol.asyncDispose]();
  });

  const trust = async (): Promise<void> => {
    await mkdir(folder(), { recursive: true });
    await copyFile(registry.authority ?? "", join(folder(), "ca.crt"));
  };
  const define = (settings: string): Promise<void> =>
    shop.write({
      "reyns.ts": `import { project, ready, service } from "reyns";
project("tls");
service("app", { command: ["sleep", "600"], init: true, ready: ready.started(), ${settings} });
`,
    });
  const call = (line: string) =>
    shop.reyns(line, { env: { DOCKER_CONFIG: `${shop.folder}/docker` } });
  const succeed = async (line: string): Promise<string> => {
    const output = await call(line);
    expect(output).toMatchObject({ status: 0 });
    return output.stdout + output.stderr;
  };
  const publish = async (version: string): Promise<void> => {
    await shop.write({ "app/version": version });
    await define(`build: "./app", image: "${name}"`);
    await succeed("build app");
    await succeed("push app");
    await must("docker", "rmi", "--force", name);
  };
  const version = (): Promise<string> => shop.must("shell app -- cat /version");

  test("an authority that the Engine does not know is an error that names the folder for it", async () => {
    await rm(folder(), { recursive: true, force: true });
    await shop.write({ "app/version": "0" });
    await define(`build: "./app", image: "${name}"`);
    await succeed("build app");
    const pushed = await call("push app");
    await define(`image: "${name}"`);
    await must("docker", "rmi", "--force", name);
    const pulled = await call("run app");
    for (const { status, stderr } of [pushed, pulled]) {
      expect({ status, stderr }).toMatchObject({ status: 1 });
      expect(stderr).toContain("certificate signed by unknown authority");
      expect(stderr).toContain(
        `put its root certificate at ${folder()}/ca.crt on the Engine's machine`,
      );
    }
  });

  test("with its authority it takes and gives images, and pullPolicy always replaces what is older", async () => {
    await trust();
    await publish("1");
    await define(`image: "${name}", pullPolicy: "always"`);
    await succeed("run app");
    expect(await version()).toBe("1");
    expect(await succeed("pull app")).toContain("as before");
    await publish("2");
    await define(`image: "${name}", pullPolicy: "always"`);
    expect(await succeed("plan app")).toContain(`run pulls first, and then decides: ${name}`);
    expect(await version()).toBe("1");
    await succeed("run app");
    expect(await version()).toBe("2");
    await succeed("clean all force");
  });

  test("an image is run by its digest, whatever its tag is by now", async () => {
    await trust();
    await publish("old");
    await must("docker", "--config", `${shop.folder}/docker`, "pull", "--quiet", name);
    const format = "{{index .RepoDigests 0}}";
    const pinned = await must("docker", "image", "inspect", "--format", format, name);
    expect(pinned).toContain("@sha256:");
    await publish("new");
    await define(`image: "${pinned}"`);
    await succeed("run app");
    expect(await version()).toBe("old");
    expect(await succeed("run app")).toContain("up to date: app-one");
    await succeed("clean all force");
    await must("docker", "rmi", "--force", pinned);
  });

  test("a build gets its base image from it", async () => {
    await trust();
    await publish("base");
    await shop.write({ "own/Dockerfile": `FROM ${name}\n` });
    await define('build: "./own"');
    await succeed("run app");
    expect(await version()).toBe("base");
  });
});

/** An Engine takes registries at 127.0.0.1 without TLS, and with any certificate. */
function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const own = addresses.find(({ family, internal }) => family === "IPv4" && !internal);
  if (!own) throw new Error("this machine has no address besides 127.0.0.1");
  return own.address;
}
