/**
 * Requests that an instance serves through the project's router.
 *
 * @example
 * service("api", { image: "acme/api", route: { host: "shop.example.com", path: "/api", port: 8000 } });
 */
export interface RouteOptions {
  /** Host name of the requests, such as `"shop.example.com"` or `"shop.localhost"`. */
  readonly host: string;
  /** Requests for this path and everything below it; the longest path that fits counts. Default: `"/"`. */
  readonly path?: string;
  /** Port of the container. Default: the only TCP port among its `ports` and its Dockerfile's `# reyns: expose`. */
  readonly port?: number;
  /** True: the instance gets the path without `path`. Default: false. */
  readonly strip?: boolean;
  /** True: a client stays with one of several instances, by a cookie. Default: false. */
  readonly sticky?: boolean;
  /** `"h2c"`: the instance speaks HTTP/2 without TLS, as gRPC servers do. Default: `"http"`. */
  readonly protocol?: "http" | "h2c";
  /**
   * Who issues the host's certificate: `"acme"` an authority on the internet, `"internal"` the router's own. Default:
   * `"internal"` for names without a dot and below `.localhost`, `.internal`, `.test` and the like, else `"acme"`.
   */
  readonly tls?: "internal" | "acme";
}
