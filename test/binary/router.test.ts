import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must, until } from "../engine/support/images-container.ts";
import type { Project } from "./support/project.ts";
import { containerOf } from "./support/reach.ts";
import {
  ask,
  chunkSize,
  createRouted,
  echo,
  fingerprintOf,
  nameOnceServed,
  namesOf,
  networkOf,
  openSocket,
  rootCertificate,
  routedScript,
  upload,
} from "./support/router.ts";

setDefaultTimeout(240_000);

const ports = { http: 18_710, https: 18_711 };
const web = `for (const instance of ["one", "two"])
  serve("web", { instance, route: { host: "shop.localhost", port: 3000 } });`;
const api = `serve("api", { route: { host: "shop.localhost", path: "/api", port: 3000, strip: true } });`;
const chat = `for (const instance of ["one", "two"])
  serve("chat", { instance, route: { host: "chat.localhost", port: 3000, sticky: true } });`;

let shop: Project;
beforeAll(async () => {
  shop = await createRouted("routed", ports, [web, api, chat].join("\n"));
  await shop.must("run all");
});
afterAll(() => shop?.[Symbol.asyncDispose]());

test("requests go to the instances of their host and path, with the client in X-Forwarded headers", async () => {
  expect(await namesOf(ports, "shop.localhost", 20)).toEqual(new Set(["web-one", "web-two"]));
  const answer = await ask(ports, "shop.localhost", "/api/list?a=1");
  expect(answer).toMatchObject({ name: "api-one", pathname: "/list" });
  expect(answer.headers).toMatchObject({
    host: "shop.localhost",
    "x-forwarded-proto": "http",
    "x-forwarded-host": "shop.localhost",
  });
  expect(answer.headers["x-forwarded-for"]).not.toContain("1.2.3.4");
  expect((await ask(ports, "shop.localhost", "/apis")).name).toStartWith("web-");
  const unknown = await fetch(`http://127.0.0.1:${ports.http}/`, { headers: { host: "other" } });
  expect(unknown.status).toBe(404);
});

test("a sticky route keeps a client at its instance", async () => {
  const url = `http://127.0.0.1:${ports.http}/`;
  const first = await fetch(url, { headers: { host: "chat.localhost" } });
  const cookie = first.headers.get("set-cookie")?.split(";")[0] ?? "";
  const { name } = (await first.json()) as { name: string };
  const names = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const answer = await fetch(url, { headers: { host: "chat.localhost", cookie } });
      return ((await answer.json()) as { name: string }).name;
    }),
  );
  expect(new Set(names)).toEqual(new Set([name]));
});

test("server-sent events arrive at once, and an upload of 200 MB while it is sent", async () => {
  const events = await fetch(`http://127.0.0.1:${ports.http}/events`, {
    headers: { host: "shop.localhost" },
  });
  const reader = events.body?.getReader();
  const event = await reader?.read();
  expect(new TextDecoder().decode(event?.value)).toBe("data: first\n\n");
  await reader?.cancel();

  const { size, first, ended } = await upload(ports, "shop.localhost", 50);
  expect(size).toBe(50 * chunkSize);
  expect(first).toBeLessThan(ended - 200);
});

test("HTTPS has a certificate of the router's own authority", async () => {
  const ca = await rootCertificate(shop);
  const answer = await fetch(`https://127.0.0.1:${ports.https}/`, {
    headers: { host: "shop.localhost" },
    tls: { ca, serverName: "shop.localhost" },
  });
  const { headers } = (await answer.json()) as { headers: Record<string, string> };
  expect(headers["x-forwarded-proto"]).toBe("https");
});

test("50 WebSockets stay open while other instances are added, replaced, restarted and removed", async () => {
  const sockets = await Promise.all(
    Array.from({ length: 50 }, () => openSocket(ports, "chat.localhost")),
  );
  const third = `serve("web", { instance: "three", route: { host: "shop.localhost", port: 3000 } });
    serve("chat", { instance: "three", route: { host: "chat.localhost", port: 3000, sticky: true } });`;
  const script = (more: string): string =>
    routedScript("routed", ports, [web, api, chat, more].join("\n"));
  await shop.write({ "reyns.ts": script(third) });
  await shop.must("run all");
  expect(await namesOf(ports, "shop.localhost", 30)).toContain("web-three");
  expect(await namesOf(ports, "chat.localhost", 60)).toContain("chat-three");
  await shop.must("rerun api");
  await shop.must("restart web one");
  await shop.must("stop web two");
  expect(await namesOf(ports, "shop.localhost", 30)).toEqual(new Set(["web-one", "web-three"]));
  await shop.must("start web two");
  expect(await namesOf(ports, "shop.localhost", 30)).toContain("web-two");
  await shop.write({ "reyns.ts": script("") });
  await shop.must("run all prune=true");
  expect(await namesOf(ports, "shop.localhost", 30)).toEqual(new Set(["web-one", "web-two"]));
  const answers = await Promise.all(sockets.map((socket, index) => echo(socket, `${index}`)));
  expect(answers.map((answer) => answer.split(" ")[1])).toEqual(
    sockets.map((_, index) => `${index}`),
  );
  for (const socket of sockets) socket.close();
});

test("an instance that gets another address is found again without a call", async () => {
  const id = await containerOf(shop.folder, "api");
  const network = await networkOf(id);
  await must("docker", "network", "disconnect", network, id);
  await must("docker", "network", "connect", network, id);
  // Not "without a moment": the router hears of it from Docker's resolver.
  const isFound = async (): Promise<boolean> =>
    (await ask(ports, "shop.localhost", "/api/").catch(() => undefined))?.name === "api-one";
  await until("the router to find it", isFound);
});

test("a router that is restarted, killed or replaced serves the same, with the same certificates", async () => {
  const before = await fingerprintOf(shop, "shop.localhost");
  const served = (): Promise<string> => nameOnceServed(ports, "shop.localhost", "/api/");
  const router = await containerOf(shop.folder, "reyns-router");
  await must("docker", "restart", "-t", "5", router);
  expect(await served()).toBe("api-one");
  await must("docker", "exec", router, "sh", "-c", "kill -9 $(pidof caddy) $(pidof nsd)");
  expect(await served()).toBe("api-one");
  await must("docker", "kill", router);
  await shop.must("run all");
  expect(await served()).toBe("api-one");
  await must("docker", "pause", router);
  await shop.must("run all");
  expect(await served()).toBe("api-one");
  const network = await networkOf(router);
  await must("docker", "network", "disconnect", network, router);
  await shop.must("run all");
  expect(await served()).toBe("api-one");
  await must("docker", "rm", "-f", await containerOf(shop.folder, "reyns-router"));
  await shop.must("run all");
  expect(await served()).toBe("api-one");
  expect(await fingerprintOf(shop, "shop.localhost")).toBe(before);
});

test("no instance reaches the admin API, or logs in to the router", async () => {
  const router = await containerOf(shop.folder, "reyns-router");
  const sockets = "cat /proc/net/tcp /proc/net/tcp6 | awk '$4 == \"0A\" { print $2 }'";
  const listening = await must("docker", "exec", router, "sh", "-c", sockets);
  const open = listening.split("\n").map((line) => {
    const [address = "", port = ""] = line.split(":");
    return { isLocal: address === "0100007F" || address === "0B00007F", port: parseInt(port, 16) };
  });
  const outside = new Set(open.filter(({ isLocal }) => !isLocal).map(({ port }) => port));
  expect(outside).toEqual(new Set([80, 443]));
  const connect = "(exec 3<>/dev/tcp/reyns-router-main/$port) 2>/dev/null && echo $port";
  const attempts = `for port in 22 80 2019 5353 8952; do ${connect}; done; true`;
  const instance = await containerOf(shop.folder, "api");
  expect(await must("docker", "exec", instance, "bash", "-c", attempts)).toBe("80");
});

test("routes lists hosts, paths, upstreams and certificates", async () => {
  expect(await shop.json("routes")).toMatchObject([
    { host: "chat.localhost", path: "/", upstreams: [{ instance: "one" }, { instance: "two" }] },
    {
      host: "shop.localhost",
      path: "/api",
      upstreams: [{ service: "api", instance: "one", port: 3000, state: "running", health: null }],
      certificate: { issuer: expect.stringContaining("router") },
    },
    { host: "shop.localhost", path: "/" },
  ]);
  expect(await shop.must("routes")).toContain("api-one:3000");
});

test("the router's program refuses names and upstreams that are none", async () => {
  const router = await containerOf(shop.folder, "reyns-router");
  const program = "/usr/lib/reyns/router";
  for (const words of [
    ["set", "../x", "r1", "0123456789ab", "80"],
    ["set", "web-one", "r1", "a b", "80"],
    ["set", "web-one", "r1;", "0123456789ab", "80"],
    ["set", "web-one", "r1", "0123456789ab", "80", "r2", "-", "80"],
    ["set", "web-one", "r1", "0123456789ab", "80\n@ TXT x"],
    ["out", "/etc/passwd"],
    ["load"],
  ]) {
    const { exitCode } = Bun.spawnSync(["docker", "exec", router, program, ...words]);
    expect(exitCode).toBe(1);
  }
  await must("docker", "exec", router, program, "set", "nobody");
  expect(
    await must("docker", "exec", router, "cat", "/run/reyns-router/upstreams.zone"),
  ).not.toMatch(/^r1 /m);
  expect(await namesOf(ports, "shop.localhost", 30)).toContain("web-one");
});

test("doctor names a route that nothing serves", async () => {
  const findings = async (): Promise<unknown[]> => {
    const { stdout } = await shop.reyns("doctor --json", { env: { ENGINE_TIMEOUT: "30" } });
    const { checks } = JSON.parse(stdout) as {
      checks: { check: string; state: string; message: string }[];
    };
    return checks
      .filter(({ check }) => check === "router")
      .map(({ state, message }) => [state, message]);
  };
  expect(await findings()).toEqual([["ok", "3 routes of reyns-router-main"]]);
  await must("docker", "stop", "-t", "1", await containerOf(shop.folder, "api"));
  expect(await findings()).toEqual([["warning", "no instance serves shop.localhost/api"]]);
  await shop.must("run all");
});

test("plan shows a changed route, run applies it, and nothing is replaced for it", async () => {
  const before = await containerOf(shop.folder, "api");
  const moved = api.replace('path: "/api"', 'path: "/v2"');
  await shop.write({ "reyns.ts": routedScript("routed", ports, [web, moved, chat].join("\n")) });
  const plan = (await shop.json("plan")) as { actions: unknown };
  expect(plan.actions).toEqual([
    {
      action: "update",
      kind: "routes",
      name: "routes",
      reason: "other routes",
      changes: [
        { field: "shop.localhost/api", before: "api-one", after: null },
        { field: "shop.localhost/v2", before: null, after: "api-one" },
      ],
    },
  ]);
  await shop.must("run all");
  expect(await ask(ports, "shop.localhost", "/v2/a")).toMatchObject({
    name: "api-one",
    pathname: "/a",
  });
  expect((await ask(ports, "shop.localhost", "/api/a")).name).toStartWith("web-");
  expect(await containerOf(shop.folder, "api")).toBe(before);
  expect(((await shop.json("plan")) as { actions: unknown }).actions).toEqual([]);
});
