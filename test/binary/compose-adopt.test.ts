// A project that docker-compose runs already: never started twice, taken over with its data, and given back.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must, until } from "../engine/support/images-container.ts";
import { compose, containersOf, dockerCompose } from "./support/compose.ts";
import { execIn } from "./support/engine.ts";
import { createProject } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);
beforeAll(importSmallImage);

const name = `adopt-${process.pid}`;
const files = {
  "compose.yaml": `name: ${name}
services:
  web:
    image: ${smallImage}
    init: true
    ports: ["18476:80"]
    depends_on: [db]
  db:
    image: ${smallImage}
    init: true
    volumes: ["data:/data", /scratch]
  debug:
    image: ${smallImage}
    profiles: [tools]
    init: true
volumes:
  data:
`,
};

test.skipIf(dockerCompose === undefined)(
  "what docker-compose runs is started twice, or loses its data when it is taken over",
  async () => {
    await using project = await createProject(files);
    const { folder } = project;
    try {
      await compose(folder, "up", "-d");
      const theirs = await containersOf(folder, "compose");
      const db = theirs.get("db 1")?.Id ?? "";
      await must(
        "docker",
        "exec",
        db,
        "sh",
        "-c",
        "echo kept > /data/file; echo lost > /scratch/file",
      );

      const refused = await project.reyns("run all");
      expect(refused.status).toBe(1);
      expect(refused.stderr).toContain(`${name}-web-1`);
      expect(refused.stderr).toContain("adopt=true");
      expect((await containersOf(folder, "reyns")).size).toBe(0);

      const asked = await project.reyns("run all adopt=true");
      expect(asked.status).toBe(2);
      expect(asked.stderr).toMatch(
        /the volume "[0-9a-f]{64}" at \/scratch would become "a new one"/,
      );
      expect([...(await containersOf(folder, "compose")).keys()]).toEqual([...theirs.keys()]);

      expect(await project.must("plan adopt=true")).toContain("taken over from docker compose");
      await project.must("run all adopt=true yes=true");
      expect((await containersOf(folder, "compose")).size).toBe(0);
      expect(await execIn(folder, "1", "true")).toBe("");
      const ours = await containersOf(folder, "reyns");
      expect([...ours.keys()]).toEqual(["db 1", "web 1"]);
      expect(await must("docker", "exec", ours.get("db 1")?.Id ?? "", "cat", "/data/file")).toBe(
        "kept",
      );
      const [scratch] =
        theirs
          .get("db 1")
          ?.Mounts.flatMap(({ Name, Destination }) =>
            Destination === "/scratch" ? [String(Name)] : [],
          ) ?? [];
      expect(
        await must("docker", "volume", "inspect", "--format", "{{.Name}}", scratch ?? ""),
      ).toBe(scratch ?? "");
      await must("docker", "volume", "rm", scratch ?? "");
    } finally {
      // What is in use would stay.
      await project.reyns("clean all force=true");
      await compose(folder, "down", "-v");
    }
  },
);

test("a service of a profile runs with all others, or not as a group", async () => {
  await using project = await createProject(files);
  const running = async (): Promise<string[]> => [
    ...(await containersOf(project.folder, "reyns")).keys(),
  ];
  await project.must("run group=tools");
  expect(await running()).toEqual(["debug 1"]);
  await project.must("clean all force=true");
  await project.must("run web");
  expect(await running()).toEqual(["db 1", "web 1"]);
  await project.must("run all", { env: { COMPOSE_PROFILES: "tools" } });
  expect(await running()).toEqual(["db 1", "debug 1", "web 1"]);
  await project.must("clean all force=true data=true");
});

test("a service that does its work and ends fails the run, or one that fails does not", async () => {
  const once = (command: string): string =>
    `services: { once: { image: "${smallImage}", command: ["sh", "-c", "${command}"] } }\n`;
  await using project = await createProject({ "compose.yaml": once("true") });
  await project.must("run all");
  await project.write({ "compose.yaml": once("sleep 5; exit 3") });
  await project.must("run all");
  await until("its end", async () => (await project.must("ps all")).includes("exited (3)"));
});

test("a migration that its restart policy repeats until it succeeds holds nothing up", async () => {
  const migrate = "test -e /data/tried && exit 0; echo > /data/tried; exit 1";
  await using project = await createProject({
    "compose.yaml": `services:
  web:
    image: ${smallImage}
    init: true
    depends_on: { migrate: { condition: service_completed_successfully } }
  migrate:
    image: ${smallImage}
    command: [sh, -c, "${migrate}"]
    restart: on-failure
    volumes: [state:/data]
volumes:
  state:
`,
  });
  await project.must("run all");
  const states = (await project.json("ps all")) as { service: string; state: string }[];
  expect(states.map(({ service, state }) => `${service} ${state}`)).toEqual([
    "migrate exited",
    "web running",
  ]);
  await project.must("clean all force=true data=true");
});
