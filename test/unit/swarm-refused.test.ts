import { describe, expect, test } from "bun:test";
import { noSwarm } from "../../src/model/swarm.ts";
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
import { observed, plan } from "./support/planning.ts";
import { readSwarmProject, planned, three } from "./support/swarm-project.ts";

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
    const read = await readSwarmProject(three);
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
    const errors = imageVolumeErrors(starts, await readSwarmProject(options), volumes);
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
      return secretSizeErrors([changed], await readSwarmProject(three)).map(
        ({ message }) => message,
      );
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
  const read = await readSwarmProject(`${three}, ports: ["8080:80"]`);
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
