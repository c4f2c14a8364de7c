import { defineCommand } from "citty";
import type { ObservedInstance } from "../../model/observed.ts";
import {
  describeCertificateProblem,
  type HostCertificate,
} from "../../model/route-certificates.ts";
import { isRemoteUpstream, refusedText, type ObservedRouter } from "../../model/router-steps.ts";
import { securedHosts, servedRoutes } from "../../model/served-routes.ts";
import { readHostCertificates } from "../../runtime/router/host-certificates.ts";
import { observeRouter } from "../../runtime/router/observe.ts";
import { log } from "../../ui/output/log.ts";
import { sanitizeLine } from "../../ui/output/sanitize.ts";
import { print, printJson } from "../../ui/output/print.ts";
import {
  formatRoutes,
  routeToJson,
  type RouteView,
  type UpstreamView,
} from "../../ui/views/routes.ts";
import * as args from "../args/common.ts";
import { listInstances, withEngineNotice } from "../common/context.ts";
import { requireRouter } from "../common/require-router.ts";
import type { Examples } from "../help/help.ts";
import { stateText } from "../../model/problems.ts";

export const examples: Examples = [
  ["reyns routes", "every route, with its instances and its certificate"],
  ["reyns routes json", "for a script"],
  ["reyns routes json | jq '.[] | select(.upstreams == [])'", "routes that nothing serves"],
];

export const command = defineCommand({
  meta: {
    name: "routes",
    description:
      "Lists what the project's router serves: hosts and paths, the instances that get the requests, and the certificates.",
  },
  args: { json: args.json },
  run: async ({ args: { json } }) => {
    const { engine, instances } = await listInstances();
    const router = requireRouter(instances);
    const served = await withEngineNotice(observeRouter(engine, router));
    const secured = securedHosts(served.config ?? "");
    const certificates = await withEngineNotice(readHostCertificates(engine, router.id, secured));
    const routes = viewRoutes(served, instances, { router, certificates, secured });
    if (json) return printJson(routes.map(routeToJson));
    if (routes.length === 0) return log.info(`${router.host} has no routes yet: reyns run all`);
    print(formatRoutes(routes));
    if (router.state !== "running")
      return log.warn(`${router.host} is not running: ${stateText(router)}`);
    if (served.isRefused) log.warn(`${router.host} serves nothing: ${refusedText}: reyns run all`);
    for (const certificate of certificates) warnOf(certificate);
  },
});

/** Says why a host has no certificate that will do. */
function warnOf(certificate: HostCertificate): void {
  const problem = describeCertificateProblem(certificate);
  if (problem === undefined) return;
  const { failure } = certificate;
  log.warn(problem, ...(failure ? [`the router's log: ${sanitizeLine(failure.message)}`] : []));
}

function viewRoutes(
  { config, upstreams }: ObservedRouter,
  instances: readonly ObservedInstance[],
  { router, certificates, secured }: RouterFacts,
): RouteView[] {
  return servedRoutes(config ?? "").map(({ host, path, key }) => ({
    host,
    path,
    url: urlOf({ host, path }, secured.includes(host), router),
    upstreams: [...upstreams].flatMap(([name, lines]) => {
      const instance = instances.find((one) => one.host === name);
      const own = lines.map((line) => line.split(" ")).filter(([of]) => of === key);
      return own.flatMap(([, target = "", port]) => viewUpstream(target, Number(port), instance));
    }),
    certificate: certificates.find((certificate) => certificate.host === host),
  }));
}

interface RouterFacts {
  readonly router: ObservedInstance;
  readonly certificates: readonly HostCertificate[];
  /** Hosts that it serves over HTTPS. */
  readonly secured: readonly string[];
}

function urlOf(
  { host, path }: Pick<RouteView, "host" | "path">,
  isSecured: boolean,
  { ports }: ObservedInstance,
): URL | undefined {
  const [scheme, inside] = isSecured ? (["https", 443] as const) : (["http", 80] as const);
  const port = ports.find((one) => one.container === inside && one.host !== undefined)?.host;
  return port === undefined ? undefined : new URL(path, `${scheme}://${host}:${port}`);
}

function viewUpstream(
  target: string,
  port: number,
  instance: ObservedInstance | undefined,
): UpstreamView[] {
  if (isRemoteUpstream(target)) return [{ remoteName: target, port }];
  return instance ? [{ instance, port }] : [];
}
