// A project goes from Docker 20.10 to 28.5 and back, with either image store there.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { must } from "../engine/support/images-container.ts";
import { installation } from "./support/reyns.ts";
import { savedProject } from "./support/saved.ts";
import { importSmallImage } from "./support/small-image.ts";

setDefaultTimeout(300_000);
beforeAll(importSmallImage);

const root = join(import.meta.dir, "../..");

/** Downloaded by scripts/on-engine.sh; without a network there is no other Engine to test with. */
const hasEngine = existsSync(join(root, "dist/tools/docker-28"));

/** On the newer Engine: load and run; then a change, saved whole and as a change; all but the files is gone after it. */
const script = `set -euo pipefail
cd "$1"
reyns load first.reyns json >loaded.json
cd "$2"
reyns run all
reyns ps json >../ps.json
reyns clean all force=true
echo changed >web/page
reyns build web
reyns save out=../whole.reyns
reyns save out=../changes.reyns since=../first.reyns
docker image inspect --format '{{.Id}}' "$2/web" >../id
`;

for (const store of ["docker", "containerd"])
  test.skipIf(!hasEngine)(
    `a project goes to Docker 28 with ${store}'s image store and back, as a whole and as a change`,
    async () => {
      const name = `save${store}`;
      await using shop = await savedProject(name);
      await shop.project.must("save out=../first.reyns");
      const { executable } = await installation();
      const id = (image: string): Promise<string> =>
        must("docker", "image", "inspect", "--format", "{{.Id}}", image);
      const first = await id(shop.image);
      await shop.forget();
      await must(
        ...[
          "env",
          "-C",
          root,
          `STORE=${store}`,
          `PATH=${join(executable, "..")}:${process.env["PATH"]}`,
        ],
        ...["scripts/on-engine.sh", "docker-28", "bash", "-c", script, "bash", shop.outer, name],
      );
      const json = (file: string): Promise<unknown> => Bun.file(join(shop.outer, file)).json();
      const { images } = (await json("loaded.json")) as { images: { name: string; id: string }[] };
      const there = images.find((image) => image.name === `${shop.image}:latest`)?.id;
      const keepsIds = store === "docker";
      expect(there === first).toBe(keepsIds);
      expect(await json("ps.json")).toMatchObject([
        { service: "idle", state: "running" },
        { service: "web", state: "running" },
      ]);

      const changed = (await Bun.file(join(shop.outer, "id")).text()).trim();
      await shop.forget();
      await must("docker", "image", "rm", shop.image);
      await shop.outside("load whole.reyns");
      const loaded = await id(shop.image);
      expect(loaded).not.toBe(first);
      if (keepsIds) expect(loaded).toBe(changed);
      expect(await must("docker", "run", "--rm", shop.image, "cat", "/page")).toBe("changed");

      await shop.forget();
      await must("docker", "image", "rm", shop.image);
      await shop.outside("load first.reyns");
      await shop.outside("load changes.reyns");
      expect(await id(shop.image)).toBe(loaded);
      expect(await Bun.file(join(shop.project.folder, "web/page")).text()).toBe("changed\n");
    },
  );
