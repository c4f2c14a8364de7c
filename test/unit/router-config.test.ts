import { expect, test } from "bun:test";
import { defaultRouter, isHostName, issuerOf, type KeyedRoute } from "../../src/model/routes.ts";
import { caddyConfig } from "../../src/plan/router/caddy-config.ts";
import { parseServed } from "../../src/runtime/router/observe.ts";

const route = (given: Partial<KeyedRoute>): KeyedRoute => ({
  key: "r1",
  host: "shop.localhost",
  path: "/",
  strip: false,
  sticky: false,
  protocol: "http",
  ...given,
});

interface Handler {
  readonly handler: string;
  readonly [field: string]: unknown;
}
interface Served {
  readonly match: readonly [
    { readonly host: readonly string[]; readonly path?: readonly string[] },
  ];
  readonly handle: readonly Handler[];
}
interface Config {
  readonly admin: { readonly listen: string };
  readonly apps: {
    readonly http: {
      readonly servers: Readonly<
        Record<
          string,
          { readonly protocols: readonly string[]; readonly routes: readonly Served[] }
        >
      >;
    };
    readonly tls?: { readonly automation: { readonly policies: readonly object[] } };
  };
}

const configOf = (
  routes: readonly KeyedRoute[],
  settings: Partial<typeof defaultRouter> = {},
): Config => caddyConfig({ ...defaultRouter, ...settings }, routes) as Config;

/** But for the last one, which answers for everything else. */
const servedBy = (config: Config, server = "https"): readonly Served[] =>
  (config.apps.http.servers[server]?.routes ?? []).slice(0, -1);

test("the longest path of a host comes first, whatever the order of the definition", () => {
  const paths = ["/", "/api/v2", "/api"];
  const config = configOf(paths.map((path, index) => route({ path, key: `r${index}` })));
  expect(servedBy(config).map(({ match: [{ path }] }) => path)).toEqual([
    ["/api/v2", "/api/v2/*"],
    ["/api", "/api/*"],
    undefined,
  ]);
});

test("a route finds its upstreams by its key, and its configuration names none", () => {
  const [served] = servedBy(configOf([route({ key: "rabc" })]));
  expect(served?.handle.at(-1)).toMatchObject({
    handler: "reverse_proxy",
    dynamic_upstreams: { source: "srv", name: "rabc.upstreams." },
  });
  expect(JSON.stringify(served)).not.toContain('"upstreams":');
});

test("strip takes the path away, sticky sets a cookie, and h2c reaches the instance and the client", () => {
  const config = configOf([route({ path: "/api", strip: true, sticky: true, protocol: "h2c" })]);
  const [served] = servedBy(config);
  expect(served?.handle).toMatchObject([
    { handler: "rewrite", strip_path_prefix: "/api" },
    {
      load_balancing: { selection_policy: { policy: "cookie", name: "reyns_r1" } },
      transport: { versions: ["h2c", "2"] },
    },
  ]);
  expect(config.apps.http.servers["http"]?.protocols).toContain("h2c");
});

test("HTTP is sent to the published HTTPS port, and served where there is no HTTPS or redirect is false", () => {
  const redirected = servedBy(configOf([route({})], { https: 8443 }), "http");
  expect(redirected[0]?.handle).toMatchObject([
    {
      status_code: 308,
      headers: { Location: ["https://{http.request.host}:8443{http.request.uri}"] },
    },
  ]);
  for (const settings of [{ redirect: false }, { https: undefined }])
    expect(servedBy(configOf([route({})], settings), "http")[0]?.handle[0]?.handler).toBe(
      "reverse_proxy",
    );
  expect(Object.keys(configOf([], { https: undefined }).apps)).toEqual(["http"]);
  expect(Object.keys(configOf([], { http: undefined }).apps.http.servers)).toEqual(["https"]);
});

test("the admin API listens on a socket in the router's container", () => {
  expect(configOf([]).admin.listen).toStartWith("unix/");
});

test("private names are issued by the router's own authority, others by ACME", () => {
  const routes = ["shop.localhost", "shop.example.com", "wiki"].map((host) => route({ host }));
  const tls = route({ host: "git.internal", tls: "acme" });
  const config = configOf([...routes, tls], { email: "a@b.org", acme: "https://ca.test/dir" });
  expect(config.apps.tls?.automation.policies).toEqual([
    { subjects: ["shop.localhost"], issuers: [{ module: "internal", ca: "local" }] },
    { subjects: ["wiki"], issuers: [{ module: "internal", ca: "other" }] },
    {
      subjects: ["git.internal", "shop.example.com"],
      issuers: [{ module: "acme", email: "a@b.org", ca: "https://ca.test/dir" }],
    },
  ]);
  expect(configOf([tls], { http: undefined }).apps.tls?.automation.policies).toEqual([
    {
      subjects: ["git.internal"],
      issuers: [{ module: "acme", challenges: { http: { disabled: true } } }],
    },
  ]);
  expect(["localhost", "a.test", "nas.home.arpa", "example"].map(issuerOf)).toEqual(
    Array.from({ length: 4 }, () => "internal"),
  );
  expect(["localhost.org", "atest", "mylocal.net"].map(issuerOf)).toEqual([
    "acme",
    "internal",
    "acme",
  ]);
});

test("host names have labels of letters, digits and hyphens, and are no addresses", () => {
  for (const host of ["localhost", "a-b.example.com", "1.example"])
    expect(isHostName(host)).toBe(true);
  for (const host of ["", "a..b", "-a.b", "a_b.c", "10.0.0.1", "a b", "*.a", `${"a".repeat(64)}.b`])
    expect(isHostName(host)).toBe(false);
});

test("what a router serves is read from its file, also without upstreams or a configuration", () => {
  expect(parseServed("")).toEqual({ config: undefined, upstreams: new Map() });
  expect(parseServed("\n{}\n")).toEqual({ config: "{}\n", upstreams: new Map() });
  expect(parseServed("web-one r1 abc 80\nweb-one r2 abc 81\n\n{}\n")).toEqual({
    config: "{}\n",
    upstreams: new Map([["web-one", ["r1 abc 80", "r2 abc 81"]]]),
  });
});
