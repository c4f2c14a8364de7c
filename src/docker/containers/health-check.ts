import type { Engine } from "../client/engine.ts";
import { requestIfExists } from "../client/request.ts";

/**
 * Has Podman run a container's health check now: it runs them by timers of systemd, and without systemd not at all.
 * Does nothing with Docker.
 *
 * @see https://docs.podman.io/en/v4.3/markdown/podman-healthcheck-run.1.html
 */
export async function runHealthCheck(engine: Engine, id: string): Promise<void> {
  if (!(await engine.features()).isPodman) return;
  const path = `/libpod/containers/${id}/healthcheck`;
  // What it comes to stands in the container's state. One that does not run, or has no check, is refused.
  await requestIfExists(engine, { method: "GET", path }).catch(() => {});
}
