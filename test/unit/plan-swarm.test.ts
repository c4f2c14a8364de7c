import { describe, expect, test } from "bun:test";
import { needsLogDriver, serviceSpec } from "../../src/docker/services/service-spec.ts";
import type { ContainerSpec } from "../../src/model/container-spec.ts";
import { labels, parseLabel } from "../../src/model/labels.ts";
import type { ObservedInstance } from "../../src/model/observed.ts";
import type { Project } from "../../src/model/project.ts";
import { noSwarm } from "../../src/model/swarm.ts";
import { isServiceStep } from "../../src/model/service-steps.ts";
import type { ObservedService } from "../../src/model/swarm-service.ts";
import {
  imageVolumeErrors,
  secretSizeErrors,
  settledImages,
} from "../../src/plan/checks/swarm-data.ts";
import {
  freePortErrors,
  membershipErrors,
  swarmStarts,
} from "../../src/plan/checks/swarm-members.ts";
import { specFields } from "../../src/plan/describe/spec-fields.ts";
import { planClean, planRestart, planStop } from "../../src/plan/lifecycle-plan.ts";
import { sendService } from "../../src/runtime/swarm/send.ts";
import { observed, plan, started, startOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";
import { swarmEngine, type Scene } from "./support/swarm-engine.ts";

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

  test("has its agent wait for its health check, where there is a DNS", async () => {
    const variablesOf = async (check: string, more = ""): Promise<Record<string, string>> => {
      const options = `${three}, healthcheck: { test: ${check}, timeout: 90, interval: 0.5 }${more}`;
      const { env } = startOf((await planned(options)).steps, "api-one").spec;
      const entries = Object.entries(env).filter(([name]) => name.startsWith("REYNS_HEALTH_"));
      return Object.fromEntries(entries);
    };
    const dns = ', env: { DNS_SERVICE_IP: "10.0.0.9" }';
    expect(await variablesOf('"wget -q localhost"', dns)).toEqual({
      REYNS_HEALTH_CHECK: "wget -q localhost",
      REYNS_HEALTH_INTERVAL: "0.5",
      REYNS_HEALTH_TIMEOUT: "90",
    });
    expect(await variablesOf('["CMD", "check", "it is up"]', dns)).toMatchObject({
      REYNS_HEALTH_CHECK: "check 'it is up'",
    });
    expect(await variablesOf('"true"')).toEqual({});
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
    expect(step.keepsTasks).toBe(true);
  });

  test("gets new tasks when anything else changes, or it is named to", async () => {
    const running = await service(three);
    const changed = await planned('swarm: { replicas: 4 }, env: { A: "1" }', [running]);
    const failed = { update: { state: "paused", message: "" } };
    const half = await planned("swarm: { replicas: 4 }", [await service(three, failed)]);
    for (const { steps } of [changed, half])
      expect(startOf(steps, "api-one").keepsTasks).toBeUndefined();
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

  test("takes the place of a container with its hooks, its names and its router", async () => {
    const first = startOf((await planned("")).steps, "api-one");
    const container = started(first, { hooks: "sealed" });
    const router = started(first, {
      ...{ id: "router", containerName: "shop-router", isRouter: true },
      ...{ service: "router", instance: "main", host: "router-main" },
    });
    const { formerHooks, departing } = startOf(
      (await planned(three, [container, router])).steps,
      "api-one",
    );
    expect([formerHooks, departing?.router]).toEqual(["sealed", router.containerName]);
  });

  test("is asked for before it takes the place of a container that keeps data in a volume", async () => {
    const unnamed = "ab".repeat(32);
    const mount = (target: string): ObservedInstance["mounts"][number] => ({
      ...{ target, source: `/volumes${target}`, readOnly: false, volume: unnamed },
    });
    const mounts = [mount("/data"), mount("/run/secrets")];
    const container = started(startOf((await planned("")).steps, "api-one"), { mounts });
    const { lostData } = await planned(three, [container]);
    expect(lostData.map(({ target }) => target)).toEqual(["/data"]);
    expect((await planned('env: { A: "1" }', [container])).lostData).toEqual([]);
  });

  test("loses no data when a cut-off takeover has left its container", async () => {
    const running = { ...(await service(three)), predecessor: "former" };
    const { steps } = await planned(three, [running]);
    expect(steps.find(({ kind }) => kind === "remove-instance")).toMatchObject({
      containerId: "former",
      keepsData: true,
    });
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
  ["inactive", false, "is in no swarm", "docker swarm init", undefined],
  ["active", false, "is no manager of its swarm", "DOCKER_HOST=ssh://MANAGER", undefined],
  ["locked", false, "does not answer (locked)", "docker swarm unlock", undefined],
  ["locked", false, "does not answer (it is encrypted)", "unlock", "it is encrypted"],
  ["active", true, "does not work: no leader", "more than half have to run", "no leader"],
] as const)(
  "an Engine that is %s, manager: %p, takes no services, and the error says %s",
  async (state, isManager, message, hint, problem) => {
    const { steps } = await planned(three);
    const read = await readProject(three);
    const membership = { ...noSwarm, state, isManager, problem };
    const [error] = membershipErrors(swarmStarts(steps), read, membership);
    expect(error?.message).toContain(message);
    expect(error?.hint).toContain(hint);
    expect(error?.at).toMatchObject({ path: ["swarm"] });
    expect(
      membershipErrors(swarmStarts(steps), read, { ...noSwarm, state: "active", isManager: true }),
    ).toEqual([]);
  },
);

describe("data that a service cannot have", () => {
  const volumes = new Map([["acme/api", ["/data/", "/cache"]]]);

  test("is a volume of its image that nothing else is mounted at", async () => {
    const options = `${three}, tmpfs: { "/cache": "size=1m" }`;
    const starts = swarmStarts((await planned(options)).steps);
    const errors = imageVolumeErrors(starts, await readProject(options), volumes);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringContaining("api-one: its image keeps data in the volume /data"),
    ]);
    expect(errors[0]?.at).toMatchObject({ path: ["swarm"] });
    expect(errors[0]?.hint).toContain("tmpfs");
  });

  test("is looked for in images that the run neither builds nor pulls", async () => {
    const { steps } = await planned(three);
    const starts = swarmStarts(steps);
    expect([...settledImages(starts, steps)]).toEqual(["acme/api"]);
    const base = { after: [], title: "acme/api", reason: "" };
    const pull = { ...base, kind: "pull-image", id: "pull", image: "acme/api" } as const;
    expect([...settledImages(starts, [pull, ...steps])]).toEqual([]);
  });

  test("is a secret that Swarm takes no file of", async () => {
    const [start] = swarmStarts((await planned(three)).steps);
    if (!start) throw new Error("nothing starts");
    const secretOf = (bytes: number, secret = "key") => ({
      ...{ path: `/run/secrets/${secret}`, mode: 0o400, uid: 0, gid: 0, secret },
      content: Buffer.alloc(bytes, "x").toString("base64"),
    });
    const messagesOf = async (spec: Partial<typeof start.spec>): Promise<string[]> => {
      const changed = { ...start, spec: { ...start.spec, ...spec } };
      return secretSizeErrors([changed], await readProject(three)).map(({ message }) => message);
    };
    expect(
      await messagesOf({
        copiedFiles: [secretOf(0, "none"), secretOf(512_000), secretOf(511_999)],
      }),
    ).toEqual([
      "Swarm distributes no empty file: api-one: the secret none",
      "Swarm distributes no file of 500 KB or more: api-one: the secret key",
    ]);
    expect(await messagesOf({ secrets: { A: "", B: "b" } })).toEqual([]);
    expect(await messagesOf({ secrets: { A: "a".repeat(512_000) } })).toEqual([
      "Swarm distributes no file of 500 KB or more: api-one: its secret variables (A)",
    ]);
  });
});

test("a service is refused free ports, which differ from task to task", async () => {
  const read = await readProject(`${three}, ports: ["8080:80"]`);
  const free = plan(
    { ...read, hasFreePorts: true },
    { observed: observed({ images: ["acme/api"] }) },
  );
  const [error] = freePortErrors(swarmStarts(free.steps), read);
  expect(error?.message).toBe("api-one is a Swarm service: it cannot publish 80 on free ports");
  expect(error?.at).toMatchObject({ path: ["ports"] });
  const { steps } = await planned(`${three}, ports: ["8080:80"]`);
  expect(freePortErrors(swarmStarts(steps), read)).toEqual([]);
});

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
