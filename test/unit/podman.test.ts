// What Podman's implementation of the API does differently, played by a server of its answers.
import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectEngine } from "../../src/docker/client/connect.ts";
import type { Engine } from "../../src/docker/client/engine.ts";
import { createContainerFrom } from "../../src/docker/containers/create.ts";
import { runHealthCheck } from "../../src/docker/containers/health-check.ts";
import { inspectFields } from "../../src/docker/containers/inspect-fields.ts";
import { attachOutput } from "../../src/docker/streams/attach-output.ts";
import { attachTerminal } from "../../src/docker/streams/terminal.ts";
import { followLogs } from "../../src/runtime/sessions/follow-logs.ts";
import { copyFiles } from "../../src/runtime/instances/copy-files.ts";
import type { ContainerSpec, Mount } from "../../src/model/container-spec.ts";

setDefaultTimeout(60_000);

const folders: string[] = [];
const servers: Server[] = [];
let requests: string[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Head and body may come in pieces. */
function isWhole(request: string): boolean {
  const [head = "", body] = request.split("\r\n\r\n");
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  return body !== undefined && body.length >= length;
}

const json = (body: object): string => {
  const text = JSON.stringify(body);
  return `HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
};

/** Answers each request line that matches; a ping as Podman or as Docker does. */
async function engineWith(
  answers: Readonly<Record<string, string>>,
  { isPodman = true } = {},
): Promise<Engine> {
  requests = [];
  const name = isPodman ? "Libpod-API-Version: 4.3.1\r\n" : "";
  const ping = `HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\n${name}Content-Length: 2\r\n\r\nOK`;
  const answer = (socket: Socket, request: string): void => {
    requests.push(request);
    const [line = ""] = request.split("\r\n");
    const found = Object.entries({ _ping: ping, ...answers }).find(([part]) => line.includes(part));
    socket.write(
      found?.[1] ?? "HTTP/1.1 404 Not Found\r\nApi-Version: 1.41\r\nContent-Length: 0\r\n\r\n",
    );
  };
  const folder = mkdtempSync(join(tmpdir(), "reyns-podman-"));
  const path = join(folder, "engine.sock");
  const server = createServer((socket) => {
    let received = "";
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      received += bytes.toString();
      if (!isWhole(received)) return;
      answer(socket, received);
      received = "";
    });
  });
  folders.push(folder);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return connectEngine({ DOCKER_HOST: `unix://${path}`, ENGINE_TIMEOUT: "20" }, {});
}

const requestTo = (part: string): string | undefined =>
  requests.find((request) => request.split("\r\n")[0]?.includes(part));
const bodyOf = (part: string): unknown =>
  JSON.parse(requestTo(part)?.split("\r\n\r\n")[1] ?? "null") as unknown;

const agreed = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";

describe("a terminal", () => {
  const waits = {
    "condition=next-exit": json({ StatusCode: 3 }),
    "condition=removed": json({ StatusCode: 0 }),
  };

  test("is attached without a body, which Podman would pass on as input", async () => {
    const engine = await engineWith({ attach: `${agreed}hello`, ...waits });
    const { stream } = await attachTerminal(engine, "c1", "terminal");
    const read = Promise.withResolvers<string>();
    stream.on("data", (bytes: Buffer) => read.resolve(bytes.toString()));
    stream.resume();
    expect(await read.promise).toBe("hello");
    stream.destroy();
    expect(requestTo("/attach")).toEndWith("\r\n\r\n");
    expect(requestTo("/attach")).not.toMatch(/content-length|transfer-encoding/i);
  });

  test("has the status of its command, not that of Podman's answer when it is gone", async () => {
    const engine = await engineWith({ attach: agreed, ...waits });
    const terminal = await attachTerminal(engine, "c1", "terminal");
    expect(await terminal.exitStatus()).toBe(3);
  });
});

test("a container that Podman still cleans up after is attached to once more", async () => {
  const message = "can only attach to created or running containers: container state improper";
  const refused = json({ cause: "container state improper", message });
  const asked = (): number => requests.filter((request) => request.includes("/attach?")).length;
  const frame = Buffer.from([1, 0, 0, 0, 0, 0, 0, 6]).toString("latin1");
  const engine = await engineWith({
    get attach() {
      return asked() > 1 ? `${agreed}${frame}hello\n` : refused.replace("200 OK", "500 Error");
    },
  });
  const line = Promise.withResolvers<string>();
  const output = await attachOutput(engine, "c1", line.resolve);
  expect(await line.promise).toBe("hello");
  output.close();
  expect(asked()).toBe(2);
});

test("logs of a container are followed although Podman has lost the event of its start", async () => {
  const log = "\x01\0\0\0\0\0\0\x1b2026-01-31T12:00:00Z hello\n";
  const values = { "io.reyns.service": "web", "io.reyns.instance": "one" };
  const running = { Id: "c1", Names: ["/web"], ImageID: "i", Labels: values, State: "running" };
  const head = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\n";
  const engine = await engineWith({
    "/events": `${head}Transfer-Encoding: chunked\r\n\r\n`,
    "/containers/json": json([running]),
    "/info": json({ SystemTime: "2026-01-31T11:59:59Z" }),
    "/logs": `${head}Content-Length: ${log.length}\r\n\r\n${log}`,
  });
  const over = new AbortController();
  const line = Promise.withResolvers<string>();
  const options = { origin: "/shop", isWanted: () => true, signal: over.signal, tail: undefined };
  const following = followLogs(
    engine,
    [],
    { ...options, since: undefined, until: undefined, ending: new AbortController().signal },
    {
      onLine: ({ id }, { text }) => line.resolve(`${id} ${text}`),
      onUnreadable: ({ id }) => line.reject(new Error(id)),
    },
  );
  expect(await line.promise).toBe("c1 hello");
  expect(requestTo("/logs")).toContain("since=17698"); // By the Engine's clock.
  over.abort();
  await following;
});

describe("a container", () => {
  const body = {
    HostConfig: {
      Tmpfs: { "/run/reyns": "mode=2750,gid=65527", "/cache": "size=1m" },
      Mounts: [
        {
          Type: "volume",
          Source: "data",
          Target: "/data",
          VolumeOptions: {
            NoCopy: false,
            Labels: { "io.reyns.project": "shop" },
            DriverConfig: { Name: "local", Options: { type: "nfs" } },
          },
        },
      ],
    },
  } as const;
  const answers = { "containers/create": json({ Id: "c1" }), "volumes/create": json({}) };
  const create = async (isPodman: boolean): Promise<void> => {
    const { Tmpfs, Mounts } = body.HostConfig;
    const options = { HostConfig: { Tmpfs: { ...Tmpfs }, Mounts: [...Mounts] } };
    await createContainerFrom(await engineWith(answers, { isPodman }), options);
  };

  test("gets no owner for the folder of its secrets from Podman, which refuses one", async () => {
    await create(true);
    expect(bodyOf("containers/create")).toHaveProperty("HostConfig.Tmpfs", {
      "/run/reyns": "mode=755",
      "/cache": "size=1m",
    });
    await create(false);
    expect(bodyOf("containers/create")).toHaveProperty("HostConfig.Tmpfs", body.HostConfig.Tmpfs);
  });

  test("has the words of its health check as they are, which Podman splits at spaces unless they are JSON", async () => {
    const words = ["/bin/sh", "-c", 'test "$A B"'];
    const tests = [["CMD", ...words], ["CMD", "cat", "/x"], ["CMD-SHELL", "test 1"], ["NONE"]];
    const asked = async (Test: string[], isPodman: boolean): Promise<unknown> => {
      await createContainerFrom(await engineWith(answers, { isPodman }), {
        Healthcheck: { Test, Interval: 1 },
      });
      return (bodyOf("containers/create") as { Healthcheck: unknown }).Healthcheck;
    };
    const [first = [], ...others] = tests;
    expect(await asked(first, true)).toEqual({ Test: [JSON.stringify(words)], Interval: 1 });
    expect(await asked(first, false)).toEqual({ Test: first, Interval: 1 });
    for (const Test of others) expect(await asked(Test, true)).toEqual({ Test, Interval: 1 });
  });

  test("gets its volumes with their labels and options, which Podman leaves out of a mount", async () => {
    await create(true);
    expect(bodyOf("volumes/create")).toEqual({
      Name: "data",
      Labels: { "io.reyns.project": "shop" },
      Driver: "local",
      DriverOpts: { type: "nfs" },
    });
    await create(false);
    expect(requestTo("volumes/create")).toBeUndefined();
  });

  test("has its volumes filled before files come into them, which Podman would leave out then", async () => {
    const file = { path: "/opt/x", content: "", mode: 0o644, uid: 0, gid: 0 };
    const volume = { type: "volume", source: "", target: "/opt", readOnly: false } as const;
    const order = async (mounts: readonly Mount[], isPodman: boolean): Promise<string[]> => {
      const spec = { copiedFiles: [file], mounts } as unknown as ContainerSpec;
      const done = { "/archive": json({}), "/init": json({}) };
      await copyFiles(await engineWith(done, { isPodman }), "c1", spec);
      return requests.flatMap((request) => /c1\/(?:init|archive\S*)/.exec(request)?.[0] ?? []);
    };
    const copied = "c1/archive?path=%2Fopt&noOverwriteDirNonDir=1";
    expect(await order([volume], true)).toEqual(["c1/init", copied]);
    expect(await order([volume], false)).toEqual([copied]);
    expect(await order([], true)).toEqual(["c1/archive?path=%2F&noOverwriteDirNonDir=1"]);
  });

  test("is compared although Podman gives ports that are not published as null", async () => {
    const info = {
      Image: "sha256:1",
      Config: { Image: "web", Labels: {}, Env: [], Hostname: "web-one" },
      HostConfig: {
        PortBindings: { "22/tcp": null, "80/tcp": [{ HostIp: "", HostPort: "8080" }] },
      },
      Mounts: [],
      NetworkSettings: { Networks: {} },
    };
    const engine = await engineWith({ "containers/c1/json": json(info) });
    expect(await inspectFields(engine, "c1")).toMatchObject({ ports: ["8080:80/tcp"] });
  });

  test("has its health checked by Podman when it is asked to, and by Docker by itself", async () => {
    for (const isPodman of [true, false]) {
      await runHealthCheck(await engineWith({}, { isPodman }), "c1");
      expect(requestTo("/libpod/containers/c1/healthcheck") !== undefined).toBe(isPodman);
    }
  });
});
