import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { must, run, until } from "../engine/support/images-container.ts";
import { detailsOf, mountedIn, publishedBy, variablesOf } from "./support/containers.ts";
import { containerIds, execIn } from "./support/engine.ts";
import { createProject, type Project, removeVolumes } from "./support/project.ts";

setDefaultTimeout(240_000);

const [sshPort, publishPort] = [28_471, 28_472];

const extra = `--cap-add NET_ADMIN --add-host db.example:192.0.2.9 -m 96m --ulimit nofile=512:1024
  -e "WORD=two words" --tmpfs /fast:size=1m --shm-size 8m --restart on-failure:3 -l team=shop
  -p 127.0.0.1:${publishPort}:81 -v $PROJECT_DIR/shared:/extra:ro`;

let shop: Project;

beforeAll(async () => {
  shop = await createProject({
    "services/app/Dockerfile": "FROM reyns/reyns-base\n# reyns: expose 80\n",
    "default.conf": `[
      { "service": "app", "instance": "plain", "group": "left" },
      { "service": "app", "instance": "net", "nethost": true, "publish_ports": true, "autorun": false },
      { "service": "app", "instance": "extra", "autorun": false,
        "extra_args": ${JSON.stringify(extra.replace(/\s+/g, " "))} },
      { "service": "app", "instance": "reached", "publish_ssh_on": "${sshPort}", "autorun": "False" },
      { "service": "app", "instance": "stored", "autorun": false, "hostname": "box", "volumes":
        "$PROJECT_DIR/shared:/shared, $PROJECT_DIR/made:/made,named:/named,$TEMP_VOLUME/:/temporary,./shared:/again:ro" },
      { "service": "app", "instance": "right", "group": "right", "sleep": 1 },
    ]`,
  });
  await mkdir(join(shop.folder, "shared"));
  await writeFile(join(shop.folder, "shared/file"), "from the host\n");
  await shop.must("build all");
}, 300_000);

afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
  if (shop) await removeVolumes(shop.folder);
});

const inside = (instance: string, script: string): Promise<string> =>
  execIn(shop.folder, instance, "sh", "-c", script);

const clean = (instance: string): Promise<string> => shop.must(`clean app ${instance}`);

const running = async (): Promise<string[]> =>
  ((await shop.json("ps")) as { instance: string }[]).map((one) => one.instance).toSorted();

describe("which instances run", () => {
  test("run all leaves out instances with autorun False, and group= selects a part", async () => {
    await shop.must("run:group=left");
    expect(await running()).toEqual(["plain"]);
    await shop.must("run:all,group=right");
    expect(await running()).toEqual(["plain", "right"]);
    await shop.must("clean:group=left");
    expect(await running()).toEqual(["right"]);
    await shop.must("clean all force=True");
    const { stderr } = await shop.reyns("run:all", { withProgress: true });
    expect(await running()).toEqual(["plain", "right"]);
    // The sleep of the last one is kept as well.
    expect(stderr).toContain("app-right sleeping 1 s");
    await shop.must("clean all force=True");
  });
});

test("nethost runs in the host's network and publishes nothing", async () => {
  await shop.must("run app net");
  const details = await detailsOf(shop.folder, "net");
  expect(details.HostConfig.NetworkMode).toBe("host");
  expect(publishedBy(details)).toEqual([]);
  const own = await must("ip", "-o", "link", "show", "docker0");
  expect(await inside("net", "cat /sys/class/net/docker0/address")).toBe(
    /link\/ether (\S+)/.exec(own)?.[1] ?? "none",
  );
  expect(variablesOf(details)["HOST_HOSTNAME"]).toBe(hostname());
  expect(await shop.must(["ssh", "app", "net", "command=echo reached"])).toBe("reached");
  await clean("net");
});

describe("extra_args", () => {
  test("several arguments apply to the container", async () => {
    await shop.must("run app extra");
    const details = await detailsOf(shop.folder, "extra");
    expect(details.HostConfig).toMatchObject({
      CapAdd: [expect.stringContaining("NET_ADMIN")],
      Memory: 96 * 1024 ** 2,
      ShmSize: 8 * 1024 ** 2,
      Ulimits: [{ Name: "nofile", Soft: 512, Hard: 1024 }],
      Tmpfs: { "/fast": "size=1m" },
      RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 },
      ExtraHosts: ["db.example:192.0.2.9"],
    });
    expect(details.Config.Labels["team"]).toBe("shop");
    expect(publishedBy(details)).toEqual([`127.0.0.1:${publishPort}->81/tcp`]);
    // Not "ulimit -n": what an exec gets is another at times (opencontainers/runc#4195).
    const script =
      "grep files /proc/1/limits; getent hosts db.example; cat /extra/file; df -T /fast | tail -1";
    expect(await inside("extra", script)).toMatch(
      /^Max open files +512 +1024 .*\n192\.0\.2\.9 +db\.example\nfrom the host\ntmpfs +tmpfs/,
    );
    expect(await shop.must(["ssh", "app", "extra", "command=echo $WORD"])).toBe("two words");
    await clean("extra");
  });

  test("the call's arguments replace the conf's", async () => {
    await shop.must(["run", "app", "extra", "extra_args=--cpus 0.5 -e WORD=called"]);
    const details = await detailsOf(shop.folder, "extra");
    expect(variablesOf(details)["WORD"]).toBe("called");
    expect(details.HostConfig.Memory).toBe(0);
    await clean("extra");
  });

  test("all unsupported arguments are reported at once, with what is accepted", async () => {
    await shop.write({
      "wrong.conf": `[
  { "service": "app", "instance": "one", "extra_args": "--gpus all" },
  { "service": "app", "instance": "two", "extra_args": "--memory lots" },
  { "service": "app", "instance": "three", "extra_args": "--volum /x:/x" },
]`,
    });
    const { status, stderr } = await shop.reyns("run all conf=wrong");
    expect(status).toBe(2);
    expect(stderr).toContain("error wrong.conf:2:42: extra_args: --gpus is not supported");
    expect(stderr).toContain("accepted: --add-host, --cap-add,");
    expect(stderr).toContain('error wrong.conf:3:42: extra_args: --memory is "lots"');
    expect(stderr).toContain("error wrong.conf:4:44: extra_args: --volum is not supported");
    expect(stderr).toContain('did you mean "--volume"?');
    expect(await containerIds(shop.folder)).toEqual([]);
  });
});

test("publish_ssh_on lets the host's ssh in with the project's key", async () => {
  await shop.must("run app reached");
  expect(publishedBy(await detailsOf(shop.folder, "reached"))).toEqual([`:${sshPort}->22/tcp`]);
  const options = [
    "StrictHostKeyChecking=yes",
    `UserKnownHostsFile=${join(shop.folder, ".reyns/keys/known_hosts")}`,
    "HostKeyAlias=app-reached",
    "BatchMode=yes",
  ];
  const words = [...options.flatMap((option) => ["-o", option]), "-p", String(sshPort)];
  const identity = ["-F", "none", "-i", join(shop.folder, ".reyns/keys/id_ed25519")];
  // The instance is ready before its SSH server listens.
  const said = await until("its SSH server", async () => {
    const { stdout } = await run(["ssh", ...identity, ...words, "reyns@127.0.0.1", "hostname"]);
    return stdout;
  });
  expect(said).toBe("app-reached\n");
  await clean("reached");
  const { status: wrong, stderr } = await shop.reyns("run app reached publish_ssh_on=70000");
  expect([wrong, stderr.includes("a port from 1 to 65535")]).toEqual([2, true]);
});

test("volumes mounts folders of the project, named and temporary volumes, and hostname applies", async () => {
  await shop.must("run app stored");
  expect(mountedIn(await detailsOf(shop.folder, "stored"))).toEqual([
    "/again",
    "/made",
    "/named",
    "/shared",
    "/temporary",
  ]);
  expect(await inside("stored", "hostname; cat /shared/file /again/file")).toBe(
    "box\nfrom the host\nfrom the host",
  );
  await inside("stored", "echo x | tee /made/x /named/x /temporary/x");
  const readOnly = await inside("stored", "touch /again/x 2>&1 || true");
  expect(readOnly).toContain("Read-only file system");
  expect(await Bun.file(join(shop.folder, "made/x")).text()).toBe("x\n");
  const volumes = (await detailsOf(shop.folder, "stored")).Mounts.flatMap(({ Name }) => Name ?? []);
  await clean("stored");
  const left = (await must("docker", "volume", "ls", "-q")).split("\n");
  expect(volumes.filter((volume) => left.includes(volume))).toHaveLength(1);
  await shop.must("run app stored");
  expect(await inside("stored", "cat /named/x; ls /temporary")).toBe("x");
  await clean("stored");
});

test("run refuses an invalid volume", async () => {
  await shop.write({
    "wrong.conf": `[ { "service": "app", "instance": "one", "volumes": "$DATA/x:/x, /y" } ]`,
  });
  const { status, stderr } = await shop.reyns("run all conf=wrong.conf");
  expect(status).toBe(2);
  expect(stderr).toContain('error wrong.conf:1:42: invalid volume "$DATA/x:/x"');
  expect(stderr).toContain('error wrong.conf:1:42: invalid volume "/y"');
});
