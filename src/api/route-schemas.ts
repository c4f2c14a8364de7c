import * as v from "valibot";
import { fileParts } from "./file-schemas.ts";
import {
  acmeRootFile,
  defaultRouter,
  isHostName,
  routeProtocols,
  routerFields,
  routerService,
  routeTls,
  type RouteDefinition,
} from "../model/routes.ts";
import type { InstanceDefinition } from "../model/project.ts";
import { nonEmptyString, portNumber, strictObject } from "../model/value-schemas.ts";

const hostForm = 'a host name, for example "shop.example.com" or "shop.localhost"';
const pathForm = 'a path that begins with "/", without "*", "?" and "#"';

const host = v.pipe(
  v.string(hostForm),
  v.transform((given) => given.toLowerCase()),
  v.check(isHostName, hostForm),
);
const path = v.pipe(
  v.string(pathForm),
  v.regex(/^\/[^\s*?#{}]*$/, pathForm),
  v.transform((given) => given.replace(/\/+$/, "") || "/"),
);

const routeParts = strictObject({
  host,
  path: v.optional(path, "/"),
  port: v.optional(portNumber),
  strip: v.optional(v.boolean(), false),
  sticky: v.optional(v.boolean(), false),
  protocol: v.optional(v.picklist(routeProtocols), "http"),
  tls: v.optional(v.picklist(routeTls)),
});

const textForm = `${hostForm}, with a path if it serves only that: "shop.example.com/api"`;

/** `HOST[/PATH]` */
const routeText = v.pipe(
  v.string(),
  v.check((text) => v.is(routeParts, splitRoute(text)), textForm),
  v.transform((text): RouteDefinition => v.parse(routeParts, splitRoute(text))),
);

function splitRoute(text: string): v.InferInput<typeof routeParts> {
  const slash = text.indexOf("/");
  return slash < 0 ? { host: text } : { host: text.slice(0, slash), path: text.slice(slash) };
}

const route: v.GenericSchema<unknown, RouteDefinition> = v.union([routeText, routeParts]);

/** One route, or several. */
export const routes = v.pipe(
  v.unknown(),
  v.transform((given) => (Array.isArray(given) ? (given as unknown[]) : [given])),
  v.array(route),
);

export const routeKeys = Object.keys(routeParts.entries);

const port = v.union([portNumber, v.literal(false)], "a port from 1 to 65535, or false");

/** Additional options of `router()`. */
export const routerOptions = {
  http: v.optional(port),
  https: v.optional(port),
  redirect: v.optional(v.boolean()),
  email: v.optional(
    v.pipe(v.string(), v.regex(/^[^\s@]+@[^\s@]+$/, 'an address such as "ops@example.com"')),
  ),
  acme: v.optional(
    v.pipe(nonEmptyString, v.regex(/^https:\/\/\S+$/, "the https:// URL of an ACME directory")),
  ),
  acmeRoot: v.optional(fileParts),
};
export const routerKeys = Object.keys(routerOptions);

type ParsedRouterOptions = {
  readonly [Key in keyof typeof routerOptions]?: v.InferOutput<(typeof routerOptions)[Key]>;
};

/** What makes `router()` a router: its settings, its ports and its volume, besides its own options. */
export function routerOf(
  service: string,
  options: ParsedRouterOptions & Pick<InstanceDefinition, "ports" | "volumes">,
): Partial<InstanceDefinition> {
  if (service !== routerService) return {};
  const given = Object.entries(options).filter(
    ([name, value]) => routerKeys.includes(name) && value !== undefined,
  );
  const settings = Object.fromEntries(
    given.map(([name, value]) => [
      name,
      value === false && name !== "redirect" ? undefined : value,
    ]),
  );
  const acmeRoot = options.acmeRoot === undefined ? {} : { acmeRoot: acmeRootFile };
  const { router, ports, volumes } = routerFields({ ...defaultRouter, ...settings, ...acmeRoot });
  return {
    router,
    ports: [...ports, ...options.ports],
    volumes: [...volumes, ...options.volumes],
  };
}
