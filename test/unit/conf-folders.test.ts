import { expect, test } from "bun:test";
import { join } from "node:path";
import { findProject } from "../../src/project/locate.ts";
import { selectInstances } from "../../src/plan/select/select.ts";
import { plainSelection } from "../../src/plan/select/selection.ts";
import { confNames, inspectProject } from "../../src/project/read.ts";
import { readStaticNames } from "../../src/project/static-names.ts";
import { projectFolder } from "./support/project-folder.ts";

const service = { "services/web/Dockerfile": "FROM dockerops/dockerops-base-ubuntu14.04\n" };
const instance = (name: string): string => `[ { "service": "web", "instance": "${name}" } ]`;

test("a conf beside the services is the project's, also from within that folder", async () => {
  const files = { ...service, "services/run.conf": instance("old") };
  await using project = await projectFolder(files);
  for (const start of ["", "services", "services/web"]) {
    const place = await findProject(join(project.folder, start), {});
    expect(place).toMatchObject({ folder: project.folder, dockerOps: true });
  }
  const { conf } = await project.read();
  expect(conf).toMatchObject({
    name: "run",
    file: join(project.folder, "services/run.conf"),
    instances: [{ instance: "old" }],
  });
});

test("a conf in the project's folder hides one of the same name beside the services", async () => {
  await using project = await projectFolder({
    ...service,
    "run.conf": instance("new"),
    "services/run.conf": instance("old"),
    "services/night.conf": instance("night"),
    "services/host.conf": "{}",
  });
  expect((await project.read()).conf.instances).toMatchObject([{ instance: "new" }]);
  expect((await project.read("night.conf")).conf.instances).toMatchObject([{ instance: "night" }]);
  const place = await findProject(project.folder, {});
  expect((await confNames(place)).toSorted()).toEqual(["night", "run"]);
  expect(readStaticNames(place)).toMatchObject({ confs: ["run", "night"] });
  expect(readStaticNames(place).instances).toContainEqual({ service: "web", instance: "night" });
});

test("a mistake beside the services is reported in its file", async () => {
  const files = { ...service, "services/run.conf": '[\n{ "servise": "web" } ]' };
  await using project = await projectFolder(files);
  const { errors } = await inspectProject(await findProject(project.folder, {}), {});
  expect(errors[0]?.at).toMatchObject({ file: join(project.folder, "services/run.conf"), line: 2 });
});

test("a folder called services that is a project of its own stays one", async () => {
  const files = {
    "services/run.conf": instance("one"),
    "services/services/web/Dockerfile": "FROM x\n",
  };
  await using outer = await projectFolder(files);
  const folder = join(outer.folder, "services");
  expect(await findProject(folder, {})).toMatchObject({ folder });
});

const foreign: Record<string, string> = {
  "nginx.conf": "# of nginx\nworker_processes auto;\nevents {}\n",
  "supervisord.conf": "[supervisord]\nnodaemon=true\n",
  "rotate.conf": "/var/log/web.log {\n}\n",
};

test.each(["reyns.ts", "compose.yaml"])(
  "beside %s, other programs' .conf is no conf",
  async (file) => {
    const text =
      file === "reyns.ts" ? 'import { service } from "reyns"; service("web");' : "services: {}";
    await using project = await projectFolder({
      ...service,
      ...foreign,
      [file]: text,
      "night.conf": `/* of the nights **/\n// all\n${instance("night")}`,
    });
    const place = await findProject(project.folder, {});
    expect(await confNames(place)).toEqual(
      file === "reyns.ts" ? ["default", "night"] : ["default"],
    );
    if (file !== "reyns.ts") return;
    const reading = inspectProject(place, {}, "nginx");
    await expect(reading).rejects.toMatchObject({
      hint: "nginx.conf is not a conf: a conf is a list of instances in JSON",
    });
  },
);

test.each(Object.entries(foreign))("a %s among confs alone is told to move", async (file, text) => {
  await using project = await projectFolder({
    ...service,
    [file]: text,
    "default.conf": instance("one"),
  });
  const { errors } = await inspectProject(await findProject(project.folder, {}), {}, file);
  expect(errors).toMatchObject([
    {
      message: `${file} is not a list of instances in JSON, as every .conf in this folder has to be`,
      hint: "if it belongs to another program, move it to another folder, such as config/",
      at: { file: join(project.folder, file), line: 1, column: 1 },
    },
  ]);
});

test("a folder whose definition is gone names the files that it lacks", async () => {
  await using project = await projectFolder(service);
  const place = await findProject(project.folder, {});
  const lacks = `${project.folder} has no reyns.ts, compose.yaml or default.conf`;
  await expect(inspectProject(place, {}, "default")).rejects.toMatchObject({ hint: lacks });
  const read = await project.read();
  expect(() => selectInstances(read, plainSelection("all"))).toThrow(
    expect.objectContaining({ hint: expect.stringContaining(lacks) }),
  );
});
