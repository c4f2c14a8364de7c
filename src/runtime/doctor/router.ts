import { pluralize } from "../../lib/pluralize.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import {
  describeCertificateProblem,
  type HostCertificate,
} from "../../model/route-certificates.ts";
import type { Project } from "../../model/project.ts";
import { isRemoteUpstream, refusedText } from "../../model/router-steps.ts";
import { securedHosts, servedRoutes } from "../../model/served-routes.ts";
import type { Engine } from "../connect.ts";
import { observeContainers } from "../observe/containers.ts";
import { readHostCertificates } from "../router/host-certificates.ts";
import { observeRouter } from "../router/observe.ts";
import { bad, ok, warning, type Finding } from "./finding.ts";
import { withTimeout } from "./timeout.ts";
import { stateText } from "../../model/problems.ts";

const check = "router";
const remedy = "reyns run all";

/**
 * Finds routes of a project's router that nothing serves, and hosts without a certificate or with one that should have
 * been renewed.
 *
 * @param findName the project's name
 */
export async function checkRouter(
  engine: Engine,
  place: Pick<Project, "folder" | "origin">,
  findName: () => Promise<string | undefined>,
): Promise<Finding[]> {
  const { instances } = await withTimeout(engine, observeContainers(engine, place, findName));
  const router = instances.find(({ isRouter }) => isRouter);
  if (!router) return [];
  const { config, upstreams, isRefused } = await withTimeout(engine, observeRouter(engine, router));
  if (router.state !== "running")
    return [bad(check, `${router.host} is not running: ${stateText(router)}`, { remedy })];
  if (isRefused) return [bad(check, `${router.host} serves nothing: ${refusedText}`, { remedy })];
  if (config === undefined) return [warning(check, `${router.host} has no routes`, { remedy })];
  const running = new Set(instances.filter(isServing).map(({ id }) => id.slice(0, 12)));
  // What runs on other machines is seen there.
  const isThere = (target = ""): boolean => running.has(target) || isRemoteUpstream(target);
  const lines = [...upstreams.values()].flat().map((line) => line.split(" "));
  const routes = servedRoutes(config);
  const reading = readHostCertificates(engine, router.id, securedHosts(config));
  const certificates = await withTimeout(engine, reading);
  const findings = [
    ...routes
      .filter(({ key }) => !lines.some(([of, target]) => of === key && isThere(target)))
      .map(({ host, path }) => warning(check, `no instance serves ${host}${path}`, { remedy })),
    ...certificates.flatMap(certificateFinding),
  ];
  return findings.length > 0
    ? findings
    : [ok(check, `${pluralize(routes.length, "route")} of ${router.host}`)];
}

function isServing({ state }: ObservedInstance): boolean {
  return state === "running";
}

function certificateFinding(found: HostCertificate): Finding[] {
  const message = describeCertificateProblem(found);
  if (message === undefined) return [];
  const { failure, state } = found;
  const isBad = state === "expired" || (state === "missing" && failure !== undefined);
  const details = { remedy: failure ? `the router's log: ${failure.message}` : undefined };
  return [(isBad ? bad : warning)(check, message, details)];
}
