import { describe, expect, test } from "bun:test";
import { needsLogDriver, serviceSpec } from "../../src/docker/services/service-spec.ts";
import type { ContainerSpec } from "../../src/model/container-spec.ts";
import { labels, parseLabel } from "../../src/model/labels.ts";
import { specFields } from "../../src/plan/describe/spec-fields.ts";
import { sendService } from "../../src/runtime/swarm/send.ts";
import { startOf } from "./support/planning.ts";
import { swarmEngine, type Scene } from "./support/swarm-engine.ts";
import { planned, three } from "./support/swarm-project.ts";

describe("an update of a service", () => {
  const sent = async (scene: Scene, options: string, keepsTasks = true) => {
    const found = startOf((await planned(options)).steps, "api-one");
    const step = { ...found, predecessor: "s1", keepsTasks };
    await using swarm = await swarmEngine([scene]);
    const bodyFor = (forceUpdate: number) => request(step.spec, { forceUpdate });
    const { change, body } = await sendService(step, bodyFor, swarm.engine);
    return [change, body.TaskTemplate.ForceUpdate];
  };
  const tasks = [{ id: "a", state: "failed", forceUpdate: 7 }];

  test("makes no new tasks where only their number, or how they are updated, differs", async () => {
    expect(await sent({ forceUpdate: 6, tasks }, three)).toEqual(["created", 6]);
    expect(await sent({ forceUpdate: 6, tasks }, three, false)).toEqual(["updated", 8]);
  });

  test("lets tasks move to where the placement has them", async () => {
    const moved = "swarm: { replicas: 3, placement: { maxPerNode: 1 } }";
    expect(await sent({ forceUpdate: 6, tasks }, moved)).toEqual(["updated", 8]);
    const scene = { forceUpdate: 6, placement: { MaxReplicas: 1 }, tasks };
    expect(await sent(scene, moved)).toEqual(["created", 6]);
  });

  test("is a start where the service was stopped, of which Swarm says nothing", async () => {
    expect(await sent({ replicas: 0, tasks }, three, false)).toEqual(["created", 8]);
  });
});

test("the plan shows all of how Swarm runs a service", async () => {
  const options =
    'swarm: { replicas: 2, delay: "3s", monitor: "1s", onFailure: "pause", placement: { maxPerNode: 1 } }';
  const { spec } = startOf((await planned(options)).steps, "api-one");
  expect(specFields(spec)["swarm"]).toBe(
    "replicas 2, stop-first, 1 at a time, 3s apart, monitor 1s, pause, 1 a node",
  );
});

function request(
  spec: ContainerSpec,
  more: { readonly forceUpdate: number; readonly logDriver?: string },
) {
  if (!spec.swarm) throw new Error("it is no service");
  return serviceSpec(spec, spec.swarm, {
    image: "acme/api@sha256:1",
    files: { Secrets: [], Configs: [] },
    taskLabels: { own: "1" },
    ...more,
  });
}

describe("the request for a service", () => {
  const sent = async (options: string, logDriver?: string) => {
    const { spec } = startOf((await planned(options)).steps, "api-one");
    return request(spec, { forceUpdate: 4, ...(logDriver && { logDriver }) });
  };

  test("has the Engine's logging driver for options alone, and its own otherwise", async () => {
    const options = `${three}, logging: { options: { "max-size": "1m" } }`;
    const log = { Options: { "max-size": "1m" } };
    expect((await sent(options, "local")).TaskTemplate).toMatchObject({
      LogDriver: { ...log, Name: "local" },
    });
    const given = options.replace("options:", 'driver: "syslog", options:');
    expect((await sent(given)).TaskTemplate).toMatchObject({
      LogDriver: { ...log, Name: "syslog" },
    });
    const { spec } = startOf((await planned(options)).steps, "api-one");
    expect(needsLogDriver(spec)).toBe(true);
    expect((await sent(three)).TaskTemplate).not.toHaveProperty("LogDriver");
  });

  test("has no mode that needs IPVS, and publishes on the nodes of its tasks", async () => {
    const { EndpointSpec } = await sent(`${three}, ports: ["8080:80"]`);
    expect(EndpointSpec).toEqual({
      Mode: "dnsrr",
      Ports: [{ Protocol: "tcp", TargetPort: 80, PublishedPort: 8080, PublishMode: "host" }],
    });
  });

  test("has the image by digest, and the settings in the words of services", async () => {
    const options = `swarm: { replicas: 2, order: "start-first", parallelism: 2, delay: "3s", placement: { node: "n1", spread: "node.labels.zone", maxPerNode: 1 } },
      command: ["serve"], entrypoint: ["/init"], restart: "on-failure:3", extraHosts: { db: "10.0.0.9" }, cpus: 0.5, memLimit: "64m",
      tmpfs: { "/dev/shm": "size=2m,mode=1777" }, stopGracePeriod: "5s", healthcheck: { test: "true", interval: "2s" }`;
    const { TaskTemplate, UpdateConfig, Mode, Labels } = await sent(options);
    expect(TaskTemplate).toMatchObject({
      ContainerSpec: {
        Image: "acme/api@sha256:1",
        Command: ["/init"],
        Args: ["serve"],
        Labels: { own: "1" },
        Hosts: ["10.0.0.9 db"],
        StopGracePeriod: 5e9,
        HealthCheck: { Test: ["CMD-SHELL", "true"], Interval: 2e9 },
        Mounts: [
          { Type: "tmpfs", Target: "/dev/shm", TmpfsOptions: { SizeBytes: 2097152, Mode: 0o1777 } },
        ],
      },
      Resources: { Limits: { NanoCPUs: 5e8, MemoryBytes: 67108864 } },
      RestartPolicy: { Condition: "on-failure", MaxAttempts: 3 },
      Placement: {
        Constraints: ["node.hostname==n1"],
        Preferences: [{ Spread: { SpreadDescriptor: "node.labels.zone" } }],
        MaxReplicas: 1,
      },
      ForceUpdate: 4,
    });
    expect(UpdateConfig).toMatchObject({
      Parallelism: 2,
      Delay: 3e9,
      Order: "start-first",
      FailureAction: "rollback",
    });
    expect(Mode).toEqual({ Replicated: { Replicas: 2 } });
    expect(parseLabel<object>(Labels[labels.definition])).toHaveProperty("swarm");
  });
});
