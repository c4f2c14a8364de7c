import type { ObservedInstance } from "../../model/observed.ts";
import type { Project } from "../../model/project.ts";
import { servedRoutes } from "../../model/served-routes.ts";
import type { Engine } from "../connect.ts";
import { observeContainers } from "../observe/containers.ts";
import { readCertificates } from "../router/certificates.ts";
import { observeRouter } from "../router/observe.ts";
import { bad, ok, warning, type Finding } from "./finding.ts";
import { withTimeout } from "./timeout.ts";

const check = "router";
const remedy = "reyns run all";

/**
 * Finds routes of a project's router that nothing serves, and certificates that have expired.
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
  const [{ config, upstreams }, certificates] = await withTimeout(
    engine,
    Promise.all([observeRouter(engine, router), readCertificates(engine, router.id)]),
  );
  if (router.state !== "running")
    return [bad(check, `${router.host} is not running: it is ${router.state}`, { remedy })];
  if (config === undefined) return [warning(check, `${router.host} has no routes`, { remedy })];
  const running = new Set(instances.filter(isServing).map(({ id }) => id.slice(0, 12)));
  const lines = [...upstreams.values()].flat().map((line) => line.split(" "));
  const routes = servedRoutes(config);
  const hosts = new Set(routes.map(({ host }) => host));
  const findings = [
    ...routes
      .filter(({ key }) => !lines.some(([of, id]) => of === key && running.has(id ?? "")))
      .map(({ host, path }) => warning(check, `no instance serves ${host}${path}`, { remedy })),
    ...certificates
      .filter(({ host, expires }) => hosts.has(host) && expires.getTime() < Date.now())
      .map(({ host, expires }) =>
        bad(check, `the certificate of ${host} expired on ${expires.toISOString().slice(0, 10)}`, {
          remedy: "reyns logs reyns-router",
        }),
      ),
  ];
  return findings.length > 0 ? findings : [ok(check, `${routes.length} routes of ${router.host}`)];
}

function isServing({ state }: ObservedInstance): boolean {
  return state === "running";
}
