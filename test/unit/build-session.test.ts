// The session of a build, with this test in BuildKit's place.
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectEngine } from "../../src/docker/client/connect.ts";
import { encodeFields, decodeText, fieldsByNumber } from "../../src/docker/images/protobuf.ts";
import { openSession, type SessionContent } from "../../src/docker/session/session.ts";

const folder = mkdtempSync(join(tmpdir(), "reyns-session-"));
const opened: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of opened.splice(0).toReversed()) one.close();
});
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

async function listen(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer(onConnection);
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return server;
}

interface BuildKit {
  /** The request that opened the session. */
  readonly head: string;
  /** Calls a method; resolves to its messages and status. */
  call(
    path: string,
    message: Uint8Array,
    headers?: Record<string, string>,
  ): Promise<{ readonly messages: Buffer[]; readonly status: string; readonly reason: string }>;
}

let sockets = 0;

async function openAs(content: SessionContent): Promise<BuildKit> {
  const path = join(folder, `engine-${++sockets}.sock`);
  const upgraded = Promise.withResolvers<{ head: string; socket: Socket }>();
  await listen(path, (socket) => {
    socket.on("error", () => {});
    socket.once("data", (bytes) => {
      const head = bytes.toString();
      if (head.startsWith("GET /_ping"))
        return socket.write("HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK");
      socket.write("HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
      upgraded.resolve({ head, socket });
    });
  });
  const env = { DOCKER_HOST: `unix://${path}`, DOCKER_CONFIG: folder };
  const session = await openSession(await connectEngine(env, {}), content);
  opened.push(session);
  const { head, socket } = await upgraded.promise;
  const client = connectHttp2("http://session", { createConnection: () => socket });
  opened.push({ close: () => client.destroy() });
  return { head, call: (...args) => call(client, ...args) };
}

async function call(
  client: ClientHttp2Session,
  path: string,
  message: Uint8Array,
  headers: Record<string, string> = {},
): ReturnType<BuildKit["call"]> {
  const request = client.request({ ":method": "POST", ":path": path, te: "trailers", ...headers });
  const answer = { status: "", reason: "" };
  const take = (given: object): void => {
    const { "grpc-status": status, "grpc-message": reason } = given as Record<string, string>;
    if (status !== undefined) Object.assign(answer, { status, reason: reason ?? "" });
  };
  request.on("response", take).on("trailers", take);
  request.end(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]));
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return { ...answer, messages: split(Buffer.concat(chunks)) };
}

function split(bytes: Buffer): Buffer[] {
  if (bytes.length === 0) return [];
  const end = 5 + bytes.readUInt32BE(1);
  return [bytes.subarray(5, end), ...split(bytes.subarray(end))];
}

const getSecret = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
const credentials = "/moby.filesync.v1.Auth/Credentials";
const health = "/grpc.health.v1.Health/Check";
const checkAgent = "/moby.sshforward.v1.SSH/CheckAgent";
const forwardAgent = "/moby.sshforward.v1.SSH/ForwardAgent";

test("the Engine hears of the methods that the build has something for", async () => {
  const { head } = await openAs({ secrets: new Map([["a", Buffer.from("b")]]) });
  expect(head).toStartWith("POST /v1.41/session HTTP/1.1\r\n");
  expect(head).toMatch(/^Upgrade: h2c\r$/m);
  expect(head).toMatch(/^X-Docker-Expose-Session-Uuid: [\da-f-]{36}\r$/m);
  const methods = [...head.matchAll(/Grpc-Method: (\S+)/g)].map(([, method]) => method);
  expect(methods).toEqual([health, credentials, getSecret]);
});

test("a secret of any size is given by its id, and no other one", async () => {
  const large = Buffer.alloc(400 * 1024, "x");
  const { call: ask } = await openAs({ secrets: new Map([["token", large]]) });
  const found = await ask(getSecret, encodeFields([[1, "token"]]));
  expect(found.status).toBe("0");
  const [message = Buffer.alloc(0)] = found.messages;
  expect(Buffer.compare(fieldsByNumber(message).get(1) as Uint8Array, large)).toBe(0);
  const missing = await ask(getSecret, encodeFields([[1, "other"]]));
  expect(missing).toMatchObject({ status: "5", messages: [] });
  expect(decodeURIComponent(missing.reason)).toBe("the build has no secret other");
});

test("health is reported, and an unknown method is refused", async () => {
  const { call: ask } = await openAs({});
  expect(await ask(health, new Uint8Array())).toMatchObject({
    status: "0",
    messages: [Buffer.from([8, 1])],
  });
  expect((await ask(getSecret, encodeFields([[1, "a"]]))).status).toBe("12");
});

test("credentials are those of Docker's configuration for the registry that is asked for", async () => {
  const auth = Buffer.from("me:secret").toString("base64");
  const auths = {
    "registry.example:5000": { auth },
    "https://index.docker.io/v1/": { identitytoken: "long" },
  };
  writeFileSync(join(folder, "config.json"), JSON.stringify({ auths }));
  const { call: ask } = await openAs({});
  const login = async (host: string): Promise<string[]> => {
    const { messages } = await ask(credentials, encodeFields([[1, host]]));
    const fields = fieldsByNumber(messages[0] ?? Buffer.alloc(0));
    return [1, 2].map((number) => decodeText(fields.get(number)));
  };
  expect(await login("registry.example:5000")).toEqual(["me", "secret"]);
  expect(await login("registry-1.docker.io")).toEqual(["", "long"]);
  expect(await login("other.example")).toEqual(["", ""]);
});

test("an ssh agent is forwarded by its id, until it ends the connection", async () => {
  const path = join(folder, "agent.sock");
  await listen(path, (socket) =>
    socket.on("data", (bytes) => void socket.end(`answer to ${bytes.toString()}`)),
  );
  const { call: ask } = await openAs({ agents: new Map([["default", path]]) });
  expect((await ask(checkAgent, encodeFields([[1, "default"]]))).status).toBe("0");
  expect((await ask(checkAgent, encodeFields([[1, "other"]]))).status).toBe("5");
  const sent = encodeFields([[1, "question"]]);
  const { status, messages } = await ask(forwardAgent, sent, { "buildkit.ssh.id": "default" });
  expect(status).toBe("0");
  const text = messages.map((message) => decodeText(fieldsByNumber(message).get(1))).join("");
  expect(text).toBe("answer to question");
});
