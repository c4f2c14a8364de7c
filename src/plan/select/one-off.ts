import { ReynsError } from "../../errors.ts";
import { acceptedHint } from "../../lib/suggest.ts";
import type { InstanceDefinition, Project } from "../../model/project.ts";
import { randomInstanceName } from "../../model/resource-names.ts";
import type { OneOff, Selection } from "./selection.ts";
import { undefinedInstance, unknownService } from "./services.ts";

/**
 * The definition of a container that runs one command: everything of the service, or of one of its instances, but for
 * its published ports, its restart policy and its health check.
 *
 * @throws ReynsError UNKNOWN_SERVICE, UNKNOWN_INSTANCE
 */
export function oneOffDefinition(
  project: Project,
  { service, instance }: Pick<Selection, "service" | "instance">,
  { command, user, workingDir, entrypoint, ports }: OneOff,
): InstanceDefinition {
  const base = baseDefinition(project, service, instance);
  return {
    ...base,
    instance: `run-${randomInstanceName()}`,
    command: command ?? (entrypoint === undefined ? base.command : []),
    hostname: undefined,
    ports: ports ? base.ports : [],
    publishSshOn: ports ? base.publishSshOn : undefined,
    properties: { ...base.properties, publishPorts: ports, interactive: false },
    job: { always: true },
    ready: undefined,
    runtime: {
      ...base.runtime,
      ...(user === undefined ? {} : { user }),
      ...(workingDir === undefined ? {} : { workingDir }),
      ...(entrypoint === undefined ? {} : { entrypoint }),
      restart: "no",
      healthcheck: undefined,
      tty: undefined,
      stdinOpen: undefined,
    },
  };
}

function baseDefinition(
  project: Project,
  service: string,
  instance: string | undefined,
): InstanceDefinition {
  const ofService = project.conf.instances.filter((other) => other.service === service);
  const [first] = ofService;
  if (!first) {
    if (!project.services.has(service)) throw unknownService(project, service);
    return undefinedInstance(project, { service });
  }
  const named = ofService.find((other) => other.instance === instance);
  if (instance === undefined || named) return named ?? first;
  const names = ofService.flatMap((other) => other.instance ?? []);
  throw new ReynsError("UNKNOWN_INSTANCE", `no instance "${instance}" of ${service} is defined`, {
    hint: acceptedHint(instance, names),
  });
}
