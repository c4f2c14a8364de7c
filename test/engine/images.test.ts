import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { imageName, provideBaseImages } from "./support/base-images.ts";
import {
  type Container,
  createNetwork,
  must,
  run,
  startContainer,
  temporaryFolder,
  until,
} from "./support/images-container.ts";
import { entriesOf, type Keys, login, makeKeys, startService } from "./support/images-keys.ts";
import { findSecrets } from "./support/images-secrets.ts";

// Containers take their time on a busy machine.
setDefaultTimeout(240_000);

const common = imageName("common");
const sleep = ["sleep", "infinity"];
const awkward = {
  AWKWARD: `a "b" 'c' $HOME \`id\` \\ %s ! * ~ ü€\nsecond line\ttab  `,
  EMPTY: "",
  "discovery.type": "single node",
  PATH: "/opt/tool's/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  REYNS_HIDDEN: "1",
  TERM: "dumb-of-the-container",
};

let keys: Keys;

beforeAll(async () => {
  await provideBaseImages();
  keys = await makeKeys();
}, 300_000);

afterAll(() => keys?.[Symbol.asyncDispose]());

describe("user and folders", () => {
  test("reyns and dockerops are the same user, who may do all", async () => {
    await using container = await startContainer(common, { command: sleep });
    const { stdout } = await container.exec(
      "bash",
      "-c",
      "getent passwd reyns dockerops; stat -c '%U %n' /data /opt/reyns /var/log/reyns; su dockerops -c 'sudo -n id -u'",
    );
    expect(stdout.split("\n")).toEqual([
      "reyns:x:65527:65527::/home/reyns:/bin/bash",
      "dockerops:x:65527:65527::/home/reyns:/bin/bash",
      "reyns /data",
      "reyns /opt/reyns",
      "reyns /var/log/reyns",
      "0",
      "",
    ]);
  });

  test("ping works without sudo in reyns-base", async () => {
    await using container = await startContainer(imageName("base"), { command: sleep });
    const ping = await container.exec("su", "reyns", "-c", "ping -c 1 -W 2 127.0.0.1");
    expect(ping.status).toBe(0);
    expect((await container.exec("test", "-u", "/bin/ping")).status).toBe(0);
  });
});

describe("logins", () => {
  let container: Container;

  beforeAll(async () => {
    container = await startService(keys, { env: awkward, hostname: "demo-one" });
  });

  afterAll(() => container?.[Symbol.asyncDispose]());

  test.each(["reyns", "dockerops"])(
    "%s gets the container's environment unharmed",
    async (user) => {
      const environment = entriesOf((await login(keys, container, "env -0", user)).stdout);
      for (const name of ["AWKWARD", "EMPTY", "discovery.type", "PATH"] as const) {
        expect(environment.get(name)).toBe(awkward[name]);
      }
      expect(environment.get("LANG")).toBe("C.UTF-8");
      expect(environment.get("HOME")).toBe("/home/reyns");
      expect(environment.get("USER")).toBe(user);
      expect(environment.has("REYNS_HIDDEN")).toBeFalse();
      expect(environment.has("HOSTNAME")).toBeFalse();
      expect(environment.get("TERM")).not.toBe(awkward.TERM);
    },
  );

  test("an interactive login gets it too", async () => {
    const words = [...keys.client("ssh"), "-tt", `reyns@${container.address}`];
    const typed =
      'printf "%s" "$AWKWARD" | base64 -w0; echo; printf "%s" "$PATH" | base64 -w0; shopt login_shell; exit 7\n';
    const { status, stdout } = await run(words, typed);
    expect(stdout).toContain(Buffer.from(awkward.AWKWARD).toString("base64"));
    expect(stdout).toContain(btoa(awkward.PATH));
    expect(stdout).toMatch(/login_shell\s+on/);
    expect(status).toBe(7);
  });

  test("a command keeps its quotes, its status and its streams", async () => {
    const { status, stdout, stderr } = await login(
      keys,
      container,
      `printf '%s|' "x  y" '$HOME'; echo oops >&2; exit 42`,
    );
    expect({ status, stdout, stderr }).toEqual({
      status: 42,
      stdout: "x  y|$HOME|",
      stderr: "oops\n",
    });
  });

  test.each([[[]], [["-O"]]])("scp %p copies there and back", async (flags) => {
    await using folder = await temporaryFolder();
    const [from, to] = [join(folder.path, "from"), join(folder.path, "to")];
    await Bun.write(from, crypto.getRandomValues(new Uint8Array(200_000)));
    const remote = `reyns@${container.address}:/tmp/a file${flags.length}`;
    const quoted = flags.length > 0 ? remote.replace("a file", "a\\ file") : remote;
    await must(...keys.client("scp"), ...flags, from, quoted);
    await must(...keys.client("scp"), ...flags, quoted, to);
    expect(await readFile(to)).toEqual(await readFile(from));
  });

  test("su starts a login with it", async () => {
    const { stdout } = await container.exec("su", "-", "reyns", "-c", "env -0");
    expect(entriesOf(stdout).get("AWKWARD")).toBe(awkward.AWKWARD);
    expect(entriesOf(stdout).get("PATH")).toBe(awkward.PATH);
  });

  test("only the user and root may read it", async () => {
    const { stdout } = await container.exec("stat", "-c", "%a %U %G", "/run/reyns/environment");
    expect(stdout.trim()).toBe("640 root reyns");
  });

  test("a stranger's key, root and passwords are refused", async () => {
    await using other = await makeKeys();
    const refused = [
      [...other.client("ssh"), `reyns@${container.address}`, "true"],
      [...keys.client("ssh"), `root@${container.address}`, "true"],
    ];
    for (const words of refused) expect((await run(words)).status).toBe(255);
    const { stdout } = await container.exec("/usr/sbin/sshd", "-T");
    expect(stdout).toContain("passwordauthentication no");
  });
});

describe("keys", () => {
  test("instances reach each other by name without a question", async () => {
    await using network = await createNetwork();
    await using one = await startService(keys, {
      network: network.id,
      hostname: "demo-one",
      mounts: await keys.hostKey("demo-one"),
    });
    await using two = await startService(keys, {
      network: network.id,
      hostname: "demo-two.local.zone",
      mounts: await keys.hostKey("demo-two", "demo-two.local.zone"),
    });
    const hop = (to: string) => login(keys, one, `ssh -o BatchMode=yes ${to} hostname`);
    expect((await hop("demo-two.local.zone")).stdout).toBe("demo-two.local.zone\n");
    expect((await login(keys, two, "ssh demo-one hostname", "dockerops")).stdout).toBe(
      "demo-one\n",
    );
    expect((await hop(two.address)).stderr).toContain("Host key verification failed");
  });

  test("an instance is not trusted with a host key of its own making, or of another authority, or another's", async () => {
    await using network = await createNetwork();
    await using others = await makeKeys();
    await using one = await startService(keys, { network: network.id, hostname: "demo-one" });
    const ofTwo = { network: network.id, hostname: "demo-two" };
    for (const [mounts, reason] of [
      [{}, "Host key verification failed"],
      [await others.hostKey("demo-two"), "Host key verification failed"],
      [await keys.hostKey("demo-three"), "name is not a listed principal"],
    ] as const) {
      await using two = await startService(keys, { ...ofTwo, mounts });
      const { status, stderr } = await login(keys, one, "ssh demo-two true");
      expect({ status, stderr, two: two.id }).toEqual({
        status: 255,
        stderr: expect.stringContaining(reason),
        two: two.id,
      });
    }
  });

  test("they are installed with owner and mode, beside what the image had", async () => {
    const mounts = { [keys.folder]: "/etc/reyns/keys" };
    await using container = await startContainer(common, { mounts, command: sleep });
    const home = "/home/reyns/.ssh";
    const add = `printf 'ssh-ed25519 AAAA of-the-image' >> ${home}/authorized_keys`;
    await until(
      "the key",
      async () => (await container.exec("test", "-f", `${home}/id_ed25519`)).status === 0,
    );
    await container.exec("bash", "-c", add);
    await must("docker", "restart", "--time", "0", container.id);
    await until(
      "the start",
      async () => (await container.logs()).match(/reyns: ready/g)?.length === 2,
    );
    const { stdout } = await container.exec(
      "bash",
      "-c",
      `cut -d' ' -f3 ${home}/authorized_keys; stat -c '%a %U:%G %n' ${home}/*`,
    );
    expect(stdout.split("\n")).toEqual([
      "of-the-image",
      "reyns-project",
      `600 reyns:reyns ${home}/authorized_keys`,
      `600 reyns:reyns ${home}/id_ed25519`,
      "",
    ]);
  });

  test("without keys it says so, and sshd has a host key of its own", async () => {
    await using container = await startContainer(common);
    await until(
      "sshd",
      async () => (await container.exec("bash", "-c", "echo > /dev/tcp/127.0.0.1/22")).status === 0,
    );
    expect(await container.logs()).toContain("reyns: no keys at /etc/reyns/keys");
  });

  test("an incomplete folder stops the start", async () => {
    await using folder = await temporaryFolder();
    await using container = await startContainer(common, {
      mounts: { [folder.path]: "/etc/reyns/keys" },
    });
    expect(await container.wait()).toBe(1);
    expect(await container.logs()).toContain("reyns: /etc/reyns/keys lacks id_ed25519\n");
  });
});

// Libraries hold keys for their self-tests: what counts is what the images add.
test.each([common, imageName("base"), imageName("dns")])(
  "no layer of %s holds a private key",
  async (image) => {
    const known = await findSecrets("debian:bookworm-slim");
    expect((await findSecrets(image)).filter((secret) => !known.includes(secret))).toEqual([]);
  },
);
