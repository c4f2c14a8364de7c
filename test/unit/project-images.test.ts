// The Engine is a server with one image, which has several names.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { labels } from "../../src/model/labels.ts";
import type { ObservedInstance } from "../../src/model/observed.ts";
import { openEngine } from "../../src/runtime/connect.ts";
import {
  observeProjectImages,
  removeBuiltImages,
} from "../../src/runtime/observe/project-images.ts";
import { greetingTo } from "./support/greeting.ts";
import { projectFolder } from "./support/project-folder.ts";

const image = {
  ...{ Id: "sha256:4f2c", Size: 1, Created: 1, Labels: {}, RepoDigests: [] },
  RepoTags: ["shop/adminer:latest", "shop/worker:latest"],
};
const published = { ...image, RepoTags: ["registry.example/worker:3", "shop/worker:latest"] };

async function servicesByName(
  users: readonly Pick<ObservedInstance, "service" | "image">[],
  listed = image,
): Promise<Record<string, readonly string[]>> {
  await using folder = await projectFolder({});
  const unix = join(folder.folder, "engine.sock");
  const headers = { "Api-Version": "1.41" };
  const server = Bun.serve({
    unix,
    fetch: (request) => greetingTo(request) ?? Response.json([listed], { headers }),
  });
  try {
    const engine = await openEngine({ DOCKER_HOST: `unix://${unix}` });
    const instances = users.map(
      (user) => ({ ...user, project: "shop", imageId: image.Id }) as ObservedInstance,
    );
    const images = await observeProjectImages(engine, "/shop", instances);
    return Object.fromEntries(images.map(({ name, services }) => [name, services]));
  } finally {
    await server.stop(true);
  }
}

test("services that share a build are all named with each name of the image", async () => {
  const users = [
    { service: "adminer", image: "shop/adminer" },
    { service: "worker", image: "docker.io/shop/worker:latest" },
  ];
  expect(await servicesByName(users)).toEqual({
    "shop/adminer:latest": ["adminer"],
    "shop/worker:latest": ["worker"],
  });
});

test("a service whose image has lost the name that it runs under is not named at all", async () => {
  const names = { "shop/adminer:latest": ["old"], "shop/worker:latest": ["old"] };
  expect(await servicesByName([{ service: "old", image: "shop/old" }])).toEqual(names);
});

test("a name that no service has names none of those that run its image", async () => {
  expect(await servicesByName([{ service: "worker", image: "shop/worker" }], published)).toEqual({
    "registry.example/worker:3": ["worker"],
    "shop/worker:latest": ["worker"],
  });
});

test("the name of a service that does not run names those that share its build", async () => {
  expect(await servicesByName([{ service: "worker", image: "shop/worker" }])).toEqual({
    "shop/adminer:latest": [],
    "shop/worker:latest": ["worker"],
  });
});

/** What `removeBuiltImages` removes and keeps for the project `shop` in /shop. */
async function removal(
  images: readonly (readonly string[])[],
  containers: readonly { image: string; project: string; folder: string; id?: string }[],
): Promise<Awaited<ReturnType<typeof removeBuiltImages>>> {
  await using folder = await projectFolder({});
  const unix = join(folder.folder, "engine.sock");
  const built = images.map((RepoTags, at) => ({
    ...{ ...image, Id: `sha256:${at}`, RepoTags, Created: -at },
    Labels: { [labels.folder]: "/shop" },
  }));
  const listed = containers.map((one, at) => ({
    ...{ Id: `${at}`, Names: [`/${at}`], Image: "sha256:old", Created: 1 },
    ...{ ImageID: one.id ?? "sha256:old", State: "running", Status: "Up 1 second" },
    Labels: {
      ...{ [labels.project]: one.project, [labels.folder]: one.folder },
      [labels.image]: one.image,
    },
  }));
  const server = Bun.serve({
    unix,
    fetch: (request) => {
      const answer = request.url.includes("/containers/") ? listed : built;
      const body = request.method === "DELETE" ? [] : answer;
      return greetingTo(request) ?? Response.json(body, { headers: { "Api-Version": "1.41" } });
    },
  });
  try {
    const engine = await openEngine({ DOCKER_HOST: `unix://${unix}` });
    return await removeBuiltImages(engine, { name: "shop", origin: "/shop" }, undefined);
  } finally {
    await server.stop(true);
  }
}

test("the images that another project of the folder has built stay", async () => {
  const images = [["shop/web:latest", "example.org/web:3"], ["appx/web:latest"]];
  expect(await removal(images, [])).toEqual({
    removed: ["shop/web:latest", "example.org/web:3"],
    kept: [],
  });
  const shared = [["shop/web:latest", "appx/web:latest", "example.org/web:3"]];
  const appx = { image: "appx/db", project: "appx", folder: "/shop" };
  expect(await removal(shared, [appx])).toEqual({
    removed: ["shop/web:latest", "example.org/web:3"],
    kept: [],
  });
  expect(await removal(shared, [{ ...appx, id: "sha256:0" }])).toEqual({
    removed: ["shop/web:latest"],
    kept: ["example.org/web:3"],
  });
});

test("an image that a container of another folder was started from keeps its name", async () => {
  const images = [["shop/web:latest"], ["shop/db:latest"]];
  const clone = { image: "shop/web", project: "shop", folder: "/clone" };
  expect(await removal(images, [clone])).toEqual({
    removed: ["shop/db:latest"],
    kept: ["shop/web:latest"],
  });
  expect((await removal(images, [{ ...clone, folder: "/shop" }])).kept).toEqual([]);
});
