// Several services from one image: it is built once.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must } from "../engine/support/images-container.ts";
import { createProject } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);
beforeAll(importSmallImage);

const definition = `import { job, project, ready, service } from "reyns";
project("acme");
const runs = { init: true, command: ["sleep", "600"], ready: ready.started() };
const api = service("api", { build: "./app", ...runs });
service("worker", { build: { context: "./app" }, ...runs });
service("mail", { image: api, ...runs });
job("migrate", { image: api, command: ["cat", "/version"] });
`;

test("services that are built alike, or use another one's image, run one image that is built once", async () => {
  await using project = await createProject({
    "app/Dockerfile": `FROM ${smallImage}\nCOPY version /version\n`,
    "app/version": "1",
    "reyns.ts": definition,
  });
  const builtBy = async (line: string): Promise<readonly string[]> =>
    [...(await project.reyns(line)).stderr.matchAll(/^✓ (acme\/\w+) built/gm)].map(
      ([, image = ""]) => image,
    );
  const idOf = (image: string): Promise<string> =>
    must("docker", "image", "inspect", "--format", "{{.Id}}", image);
  const used = async (): Promise<(string | undefined)[]> => {
    const all = JSON.parse(await project.must("ps json")) as { image: string; hostname: string }[];
    return all.map(({ hostname, image }) => `${hostname} ${image}`);
  };
  expect(await builtBy("run all")).toEqual(["acme/api"]);
  expect(await idOf("acme/worker")).toBe(await idOf("acme/api"));
  expect(await used()).toEqual([
    "api-one acme/api",
    "mail-one acme/api",
    "migrate-one acme/api",
    "worker-one acme/worker",
  ]);
  expect((await project.reyns("run all")).stderr).toMatch(/^up to date: [^\n]*\n$/);

  await project.write({ "app/version": "2" });
  expect((await project.reyns("run worker")).stderr).toContain(
    "./app has changed since the image of api, worker was built; to build and use it: ",
  );
  const before = await idOf("acme/api");
  await project.must("build mail");
  expect(await idOf("acme/api")).not.toBe(before);
  expect(await idOf("acme/worker")).toBe(await idOf("acme/api"));
  const { actions } = (await project.json("plan all")) as { actions: object[] };
  expect(actions).toMatchObject(
    ["api-one", "worker-one", "mail-one", "migrate-one"].map((name) => ({
      action: "replace",
      name,
      reason: "changed: image rebuilt",
    })),
  );
  await project.must("run all");
  expect(await project.must("shell worker -- cat /version")).toBe("2");
  expect(await project.must("shell mail -- cat /version")).toBe("2");
});
