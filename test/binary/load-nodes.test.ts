// Machines that load is to send images to, of which one does not answer.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { createProject } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(120_000);
beforeAll(importSmallImage);

const here = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";
const nodes = `import { node } from "reyns";
node("here", "${here}", { address: "192.0.2.1" });
node("off", "unix:///nowhere/docker.sock", { address: "192.0.2.2" });
`;
const services = `import { group, project, ready, service } from "reyns";
project("rcloadnodes");
const runs = { image: "${smallImage}", init: true, command: ["sleep", "600"], ready: ready.started() };
group("here", () => service("web", { instance: "one", ...runs }));
group("off", () => service("web", { instance: "two", ...runs }));
`;

test("load sends nothing without all machines, says that the project is loaded, and goes on with partial", async () => {
  await using project = await createProject({ "reyns.ts": nodes + services });
  await project.must("save out=release.reyns conf=default");
  const load = "load release.reyns folder=loaded";
  const refused = await project.reyns(`${load} node=all`);
  expect(refused.stderr).toContain(`the project is loaded in ${join(project.folder, "loaded")}`);
  expect(refused.stderr).toContain("off: no Docker Engine at unix:///nowhere/docker.sock");
  expect(refused.stderr).toContain("to go on without it, add partial=true");
  expect(refused.stderr).not.toContain("nothing was changed");
  expect(refused.status).toBe(3);
  const partial = await project.reyns(`${load} node=all partial=true`);
  expect(partial.stderr).toContain("off: no Docker Engine at unix:///nowhere/docker.sock");
  expect(partial.stderr).toContain("loaded 1 image");
  expect(partial.status).toBe(1);
  const one = await project.reyns(`${load} node=here`, { env: { REYNS_COPY: "other" } });
  expect({ status: one.status, stderr: one.status === 0 ? "" : one.stderr }).toEqual({
    status: 0,
    stderr: "",
  });
  const unknown = await project.reyns(`${load} node=hre`);
  expect(unknown.stderr).toContain("the project is loaded in ");
  expect(unknown.stderr).toContain('no node "hre"');
  expect(unknown.status).toBe(2);
});
