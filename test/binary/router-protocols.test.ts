import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:http2";
import { must } from "../engine/support/images-container.ts";
import type { Project } from "./support/project.ts";
import { containerOf } from "./support/reach.ts";
import { createRouted, rootCertificate } from "./support/router.ts";

setDefaultTimeout(240_000);

const ports = { http: 18_712, https: 18_713, redirect: true };

let shop: Project;
let ca: string;
beforeAll(async () => {
  shop = await createRouted(
    "routed-protocols",
    ports,
    `for (const instance of ["one", "two"])
       serve("web", { instance, route: { host: "web.localhost", port: 3000 } });
     serve("single", { route: { host: "single.localhost", port: 3000 } });
     serve("grpc", { route: { host: "grpc.localhost", port: 3000, protocol: "h2c" },
       volumes: ["${process.execPath}:/bun:ro", "./h2c-server.js:/server.js:ro"] });`,
  );
  await shop.must("run all");
  ca = await rootCertificate(shop);
});
afterAll(() => shop?.[Symbol.asyncDispose]());

function askSecurely(host: string, path = "/"): Promise<Response> {
  const tls = { ca, serverName: host };
  return fetch(`https://127.0.0.1:${ports.https}${path}`, { headers: { host }, tls });
}

test("HTTP is redirected to the published port of HTTPS, with the path and the query", async () => {
  const { status, headers } = await fetch(`http://127.0.0.1:${ports.http}/a/b?c=1`, {
    headers: { host: `web.localhost:${ports.http}` },
    redirect: "manual",
  });
  expect(status).toBe(308);
  expect(headers.get("location")).toBe(`https://web.localhost:${ports.https}/a/b?c=1`);
});

test("a stream of HTTP/2 goes both ways at once, to an instance that speaks h2c", async () => {
  const session = connect(`https://127.0.0.1:${ports.https}`, { ca, servername: "grpc.localhost" });
  const stream = session.request({
    ":method": "POST",
    ":path": "/echo",
    ":authority": "grpc.localhost",
    "content-type": "application/grpc",
  });
  const [headers] = (await Promise.all([once(stream, "response"), stream.write("first")]))[0] as [
    Record<string, string>,
  ];
  expect(headers["x-version"]).toBe("2.0");
  for (const text of ["first", "second"]) {
    if (text === "second") stream.write(text);
    const [chunk] = (await once(stream, "data")) as [Buffer];
    expect(chunk.toString()).toBe(text);
  }
  stream.end();
  session.close();
});

test("a request for an instance that starts again waits for it", async () => {
  const id = await containerOf(shop.folder, "single");
  await must("docker", "stop", "-t", "1", id);
  const answer = askSecurely("single.localhost");
  await Bun.sleep(500);
  await must("docker", "start", id);
  expect((await answer).status).toBe(200);
});

test("no request fails when one of two instances is killed, and when both are there again", async () => {
  const failed: string[] = [];
  const over = new AbortController();
  const ask = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const { status } = await askSecurely("web.localhost").catch(() => ({ status: 0 }));
      if (status !== 200) failed.push(`status ${status}`);
    }
  };
  const load = Promise.all(Array.from({ length: 4 }, ask));
  const [id = ""] = (await containerOf(shop.folder, "web")).split("\n");
  await Bun.sleep(500);
  await must("docker", "kill", id);
  await Bun.sleep(1500);
  await shop.must("run all");
  await Bun.sleep(500);
  over.abort();
  await load;
  expect(failed).toEqual([]);
});
