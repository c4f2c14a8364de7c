import { expect, setDefaultTimeout, test } from "bun:test";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { listOwned, createProject } from "./support/project.ts";

setDefaultTimeout(60_000);

interface Relay extends AsyncDisposable {
  readonly host: string;
}

/** Passes everything on to the real Engine, until a request or an answer matches: from then on nothing answers. */
async function relayUntil(pattern: RegExp): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const engine = connect("/var/run/docker.sock");
    for (const socket of [client, engine]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    const pass = (to: Socket) => (bytes: Buffer) => {
      if (pattern.test(bytes.toString("latin1"))) close();
      else to.write(bytes);
    };
    client.on("data", pass(engine)).on("close", () => engine.destroy());
    engine.on("data", pass(client)).on("close", () => client.destroy());
  }).listen(0, "127.0.0.1");
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `tcp://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => close(),
  };
}

const moments = [
  { moment: "at the first question", pattern: /^GET \/containers\/json/ },
  { moment: "in the middle of a build", pattern: /Step 2\/\d+ : RUN true/ },
  { moment: "when the network is made", pattern: /^POST \/networks\/create/ },
  { moment: "when a container is made", pattern: /^POST \/containers\/create/ },
  { moment: "when it is started", pattern: /^POST \/containers\/\w+\/start/ },
];

for (const { moment, pattern } of moments) {
  test(`the Engine goes away ${moment}: status 3, and what is left can be cleaned`, async () => {
    await using project = await createProject({
      "services/web/Dockerfile": "FROM reyns/reyns-base\nRUN true\n",
      "reyns.ts": 'import { service } from "reyns";\nservice("web", { instance: "one" });\n',
    });
    await using relay = await relayUntil(pattern);
    const { status, stdout, stderr } = await project.reyns("run all", {
      env: { DOCKER_HOST: relay.host },
    });
    expect(stderr).toContain(`error no Docker Engine at ${relay.host}`);
    expect(stderr).not.toContain("defect");
    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    await project.must("run all");
    expect(await listOwned(project.folder)).toHaveLength(2);
  });
}
