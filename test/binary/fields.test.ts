import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must } from "../engine/support/images-container.ts";
import { containerIds, execIn } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

const fields = `
  instance: "one",
  build: { context: "app", dockerfile: "docker/Web", args: { GREETING: "hello" }, target: "first" },
  entrypoint: ["/bin/sh", "-c"],
  command: ["trap '' TERM; touch /run/up; while :; do sleep 0.1; done"],
  user: 0, workingDir: "/srv", tmpfs: ["/run:size=1m"], readOnly: true, hostname: "shown",
  ports: [{ container: 80, host: 28431, ip: "127.0.0.1" }, "127.0.0.1:28432:53/udp"],
  healthcheck: { test: "test -e /run/up", interval: "1s", timeout: 2, startPeriod: "500ms", retries: 4 },
  restart: "on-failure:3", init: true, stopGracePeriod: 1, stopSignal: "SIGTERM",
  cpus: 0.5, memLimit: "64m", memReservation: 33554432, pidsLimit: 50, shmSize: "8m",
  ulimits: { nofile: 512, core: { soft: 0, hard: 1 } },
  capAdd: ["NET_ADMIN"], capDrop: ["MKNOD"], devices: ["/dev/null:/dev/nothing:rw"], groupAdd: [1234],
  securityOpt: ["no-new-privileges"], sysctls: { "net.ipv4.ip_unprivileged_port_start": 0 },
  extraHosts: { other: "10.1.2.3" }, labels: { "com.example.team": "shop" },
  logging: { driver: "json-file", options: { "max-size": "1m", "max-file": 2 } },
  envFile: "web.env", env: { B: "own" }, ipc: "private", tty: true, stdinOpen: true,
`;
const definition = (text: string): string =>
  `import { service } from "reyns";\nservice("web", {${text}});\n`;

let shop: Project;
beforeAll(async () => {
  shop = await createProject({
    "reyns.ts": definition(fields),
    "web.env": "A=file\nB=file\n",
    "app/.dockerignore": "docker\nleft-out\n",
    "app/left-out": "",
    "app/text": "in the context\n",
    "app/docker/Web": `FROM debian:bookworm-slim AS first
ARG GREETING
COPY . /context
RUN echo "$GREETING" > /greeting
FROM first
RUN false
`,
  });
  await shop.must("run all");
});
afterAll(() => shop?.[Symbol.asyncDispose]());

test("run passes each field to the Engine", async () => {
  const [id = ""] = await containerIds(shop.folder, "one");
  const [container] = JSON.parse(await must("docker", "inspect", id)) as [object];
  expect(container).toMatchObject({
    State: { Running: true, Health: { Status: "healthy" } },
    Config: {
      Entrypoint: ["/bin/sh", "-c"],
      Cmd: ["trap '' TERM; touch /run/up; while :; do sleep 0.1; done"],
      User: "0",
      WorkingDir: "/srv",
      Hostname: "shown",
      StopSignal: "SIGTERM",
      StopTimeout: 1,
      Tty: true,
      OpenStdin: true,
      Env: expect.arrayContaining(["A=file", "B=own"]) as string[],
      Labels: expect.objectContaining({ "com.example.team": "shop" }) as object,
      Healthcheck: {
        Test: ["CMD-SHELL", "test -e /run/up"],
        Interval: 1e9,
        Timeout: 2e9,
        StartPeriod: 5e8,
        Retries: 4,
      },
    },
    HostConfig: {
      NanoCpus: 5e8,
      Memory: 67_108_864,
      MemoryReservation: 33_554_432,
      PidsLimit: 50,
      ShmSize: 8_388_608,
      ReadonlyRootfs: true,
      Init: true,
      IpcMode: "private",
      Tmpfs: { "/run": "size=1m" },
      CapAdd: ["NET_ADMIN"],
      CapDrop: ["MKNOD"],
      GroupAdd: ["1234"],
      SecurityOpt: ["no-new-privileges"],
      Sysctls: { "net.ipv4.ip_unprivileged_port_start": "0" },
      ExtraHosts: ["other:10.1.2.3"],
      RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 },
      LogConfig: { Type: "json-file", Config: { "max-size": "1m", "max-file": "2" } },
      Devices: [
        { PathOnHost: "/dev/null", PathInContainer: "/dev/nothing", CgroupPermissions: "rw" },
      ],
      Ulimits: [
        { Name: "nofile", Soft: 512, Hard: 512 },
        { Name: "core", Soft: 0, Hard: 1 },
      ],
      PortBindings: {
        "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "28431" }],
        "53/udp": [{ HostIp: "127.0.0.1", HostPort: "28432" }],
      },
    },
  });
});

test("run builds from the given folder, up to its stage, with its arguments", async () => {
  const seen = await execIn(shop.folder, "one", "sh", "-c", "cat /greeting; ls /context");
  // The builder needs its Dockerfile, also below an ignored folder.
  expect(seen.split("\n")).toEqual(["hello", "docker", "text"]);
});

test("plan shows the old and the new value of a changed field, and run replaces the container", async () => {
  const [before = ""] = await containerIds(shop.folder, "one");
  await shop.write({ "reyns.ts": definition(fields.replace('"64m"', '"96m"')) });
  const planned = await shop.must("plan all");
  expect(planned).toMatch(/^~ replace +web-one +changed\n +memLimit +"64m" -> "96m"\n/);
  expect(await containerIds(shop.folder, "one")).toEqual([before]);
  await shop.must("run all");
  const [after = ""] = await containerIds(shop.folder, "one");
  expect(after).not.toBe(before);
  const limit = await must("docker", "inspect", "--format", "{{.HostConfig.Memory}}", after);
  expect(limit).toBe(String(96 * 1024 * 1024));
  expect(await shop.must("plan all")).toBe("Nothing to do: 1 unchanged");
});

test("stop gives an instance its own time to end", async () => {
  const { status, stderr } = await shop.reyns("stop web one", { env: { LOG_LEVEL: "DEBUG" } });
  expect(status).toBe(0);
  expect(stderr).toMatch(/^debug POST \S*\/stop(\?t=1)? /m);
});
