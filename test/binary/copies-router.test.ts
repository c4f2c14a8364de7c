// Copies of a project with a router: hosts below the copy's name, on ports that nobody else has.
import { expect, setDefaultTimeout, test } from "bun:test";
import { ask, createRouted } from "./support/router.ts";

setDefaultTimeout(300_000);

interface Route {
  readonly host: string;
  readonly url: string;
}

test("the router of a copy serves hosts below its name, on free ports, beside the project's own", async () => {
  const ports = { http: 28_141, https: 28_142, redirect: true };
  await using shop = await createRouted(
    "copiedroutes",
    ports,
    `serve("web", { env: { NAME: process.env.REYNS_COPY || "main" }, route: { host: "shop.localhost", path: "/", port: 3000 } });
serve("api", { env: { NAME: "api" }, route: { host: "shop.example.com", path: "/api", port: 3000 } });`,
  );
  await shop.must("run all");
  await shop.must("run all copy=demo");

  const [api, web] = (await shop.json("routes copy=demo")) as Route[];
  expect([api?.host, web?.host]).toEqual(["demo.shop.example.com", "demo.shop.localhost"]);
  const url = new URL(web?.url ?? "");
  expect([url.protocol, url.hostname]).toEqual(["https:", "demo.shop.localhost"]);
  expect(["28141", "28142"]).not.toContain(url.port);

  // Both ports serve, as a redirect would lead to a port that the definition does not know.
  const instances = (await shop.json("ps reyns-router copy=demo")) as {
    ports: { container: number; host: number }[];
  }[];
  const http = instances[0]?.ports.find(({ container }) => container === 80)?.host ?? 0;
  const own = { http, https: Number(url.port) };
  expect((await ask(own, "demo.shop.localhost")).name).toBe("demo");
  expect(
    (await fetch(`http://127.0.0.1:${http}/`, { headers: { host: "shop.localhost" } })).status,
  ).toBe(404);

  const [, main] = (await shop.json("routes")) as Route[];
  expect(main?.url).toBe("https://shop.localhost:28142/");
  const redirected = await fetch(`http://127.0.0.1:${ports.http}/`, {
    headers: { host: "shop.localhost" },
    redirect: "manual",
  });
  expect(redirected.headers.get("location")).toBe("https://shop.localhost:28142/");
});
