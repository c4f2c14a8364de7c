import { describe, expect, test } from "bun:test";
import { serviceSpec } from "../../src/docker/services/service-spec.ts";
import { labels, parseLabel } from "../../src/model/labels.ts";
import type { ObservedInstance } from "../../src/model/observed.ts";
import type { Project } from "../../src/model/project.ts";
import { noSwarm } from "../../src/model/swarm.ts";
import { isServiceStep } from "../../src/model/service-steps.ts";
import type { ObservedService } from "../../src/model/swarm-service.ts";
import { membershipErrors, swarmStarts } from "../../src/plan/checks/swarm-members.ts";
import { planClean, planRestart, planStop } from "../../src/plan/lifecycle-plan.ts";
import { observed, plan, started, startOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

const definition = (
  options: string,
  more = "",
): string => `import { network, service } from "reyns";
network("mesh", { driver: "overlay", attachable: true });
service("api", { image: "acme/api", networks: ["mesh"], ${options} });
${more}`;

async function readProject(options: string, more = ""): Promise<Project> {
  // A file is loaded once in a process.
  await using project = await projectFolder({ "reyns.ts": definition(options, more) });
  return { ...(await project.read()), origin: "/srv/shop" };
}

/** Without the network, which is not there. */
async function planned(options: string, instances: readonly ObservedInstance[] = [], more = "") {
  const made = plan(await readProject(options, more), {
    observed: observed({ images: ["acme/api"], instances }),
  });
  return { ...made, steps: made.steps.filter(({ kind }) => kind !== "create-network") };
}

const three = "swarm: { replicas: 3 }";

async function service(
  options: string,
  state: Partial<ObservedService> = {},
): Promise<ObservedInstance> {
  const swarm = { desired: 3, running: 3, replicas: 3, update: undefined, ...state };
  const step = startOf((await planned(options)).steps, "api-one");
  return started(step, { swarm, isDisconnected: false, address: undefined });
}

describe("an instance with swarm", () => {
  test("becomes a service whose tasks have names of their own", async () => {
    const { spec, ready, register } = startOf((await planned(three)).steps, "api-one");
    expect(spec.hostname).toBe("api-one-{{.Task.Slot}}");
    expect(spec.env["REYNS_INSTANCE"]).toBe("one-{{.Task.Slot}}");
    expect(spec.network?.address).toBeUndefined();
    expect(spec.network?.aliases).toEqual(["api-one", "api"]);
    expect([ready, register]).toEqual([{ kind: "tasks" }, undefined]);
  });

  test("keeps double braces in its variables, which Swarm would take for a template", async () => {
    const options = `${three}, env: { FORMAT: "{{.ID}}" }, hostname: "{{x"`;
    const { spec } = startOf((await planned(options)).steps, "api-one");
    expect(spec.env["FORMAT"]).toBe('{{"{{"}}.ID}}');
    expect(spec.hostname).toBe('{{"{{"}}x');
  });

  test("is left alone while it is as defined, also when a task is missing for the moment", async () => {
    const running = await service(three, { running: 2 });
    const { steps } = await planned(three, [running]);
    expect(steps.map(({ kind }) => kind)).toEqual(["await-instance"]);
  });

  test("is updated in place when its replicas change", async () => {
    const running = await service(three);
    const { steps, changes } = await planned("swarm: { replicas: 4 }", [running]);
    const step = startOf(steps, "api-one");
    expect(changes.get("api-one")).toEqual(["swarm"]);
    expect([step.predecessor, step.removes]).toEqual([running.id, undefined]);
  });

  test.each([
    ["stopped", { desired: 0, running: 0 }, "restart-instance"],
    ["none of its tasks runs", { running: 0 }, "start-instance"],
    [
      "its last update has stopped half-way",
      { update: { state: "paused", message: "" } },
      "start-instance",
    ],
  ] as const)("is brought up again when %s", async (reason, state, kind) => {
    const { steps } = await planned(three, [await service(three, state)]);
    expect(steps.map((step) => [step.kind, step.reason])).toEqual([[kind, reason]]);
  });

  test("makes way when it is a container from now on, and takes one's place", async () => {
    const running = await service(three);
    const back = startOf((await planned('env: { A: "1" }', [running])).steps, "api-one");
    expect([back.removes, back.removesService, back.predecessor]).toEqual([
      running.id,
      true,
      undefined,
    ]);
    const container = started(startOf((await planned("")).steps, "api-one"));
    const forth = startOf((await planned(three, [container])).steps, "api-one");
    expect([forth.removes, forth.removesService]).toEqual([container.id, undefined]);
    expect([isServiceStep(back), isServiceStep(forth)]).toEqual([true, true]);
  });

  test("is waited for by what comes after it", async () => {
    const more = 'service("web", { image: "acme/api", networks: ["mesh"], after: ["api"] });';
    const { steps } = await planned(three, [], more);
    expect(startOf(steps, "web-one").after).toContain("start api-one");
  });

  test("is stopped, restarted and removed as a service", async () => {
    const running = await service(three);
    const steps = [
      ...planStop([running], [running]),
      ...planRestart([running]),
      ...planClean([running], [running], []),
    ];
    expect(steps.map((step) => [step.kind, isServiceStep(step)])).toEqual([
      ["stop-instance", true],
      ["restart-instance", true],
      ["remove-instance", true],
    ]);
  });
});

test.each([
  ["inactive", false, "is in no swarm", "docker swarm init"],
  ["active", false, "is no manager of its swarm", "DOCKER_HOST=ssh://MANAGER"],
  ["locked", false, "does not answer (locked)", "docker swarm unlock"],
] as const)(
  "an Engine that is %s takes no services, and the error says what to do",
  async (state, isManager, message, hint) => {
    const { steps } = await planned(three);
    const read = await readProject(three);
    const [error] = membershipErrors(swarmStarts(steps), read, { ...noSwarm, state, isManager });
    expect(error?.message).toContain(message);
    expect(error?.hint).toContain(hint);
    expect(error?.at).toMatchObject({ path: ["swarm"] });
    expect(
      membershipErrors(swarmStarts(steps), read, { ...noSwarm, state: "active", isManager: true }),
    ).toEqual([]);
  },
);

describe("the request for a service", () => {
  const sent = async (options: string) => {
    const { spec } = startOf((await planned(options)).steps, "api-one");
    if (!spec.swarm) throw new Error("it is no service");
    return serviceSpec(spec, spec.swarm, {
      image: "acme/api@sha256:1",
      files: { Secrets: [], Configs: [] },
      taskLabels: { own: "1" },
      forceUpdate: 4,
    });
  };

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
