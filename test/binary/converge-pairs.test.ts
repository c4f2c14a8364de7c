// Random platforms, one after the other in the same folder, each disturbed before the next: PAIRS=100 bun test …
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";
import { must, pauseContainer } from "../engine/support/images-container.ts";
import {
  hostOf,
  platforms,
  unchangedBetween,
  type RandomInstance,
} from "../support/random-platforms.ts";
import { seed, withSeed } from "../support/seed.ts";
import { inspectAll } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

const pairs = Number(process.env["PAIRS"] ?? 5);

setDefaultTimeout(pairs * 60_000);
beforeAll(importSmallImage);

const disturbances = fc.array(fc.constantFrom("none", "none", "stop", "kill", "rm", "pause"), {
  minLength: 8,
  maxLength: 8,
});

function scriptFor(platform: readonly RandomInstance[]): string {
  const lines = platform.map((one) => {
    const { service, instance, image, value, target, hasVolume, isJob } = one;
    const isThere = platform.some((other) => other.service === target && !other.isJob);
    return `${isJob ? "job" : "service"}(${JSON.stringify(service)}, ${JSON.stringify({
      instance,
      image: smallImage,
      command: isJob ? ["true"] : ["sleep", String(600 + image)],
      init: true,
      env: { V: value, IMAGE: image },
      links: isThere ? [target] : [],
      volumes: hasVolume ? { [`${service}-${instance}`]: "/data" } : {},
      ...(isJob ? {} : { ready: { kind: "started" } }),
    })});`.replace('{"kind":"started"}', "ready.started()");
  });
  const head = 'import { job, project, ready, service } from "reyns";\nproject("pairs");\n';
  return `${head}${lines.join("\n")}\n`;
}

/** Does to some instances what a person or a fault may do. */
async function disturb(project: Project, actions: readonly string[]): Promise<string[]> {
  const disturbed: string[] = [];
  for (const [index, [host, { Id, State }]] of [...(await inspectAll(project.folder))].entries()) {
    const action = actions[index] ?? "none";
    if (action === "none" || !State.Running) continue;
    disturbed.push(host);
    if (action === "pause") await pauseContainer(Id);
    else await must("docker", action, ...(action === "rm" ? ["--force"] : []), Id);
  }
  return disturbed;
}

async function volumesOf(project: Project): Promise<string[]> {
  const label = `label=io.reyns.folder=${project.folder}`;
  const names = await must("docker", "volume", "ls", "--quiet", "--filter", label);
  return names.split("\n").filter(Boolean);
}

async function idsIn(project: Project): Promise<Record<string, string>> {
  const containers = await inspectAll(project.folder);
  return Object.fromEntries([...containers].map(([host, { Id }]) => [host, Id]));
}

test("each of a series of random platforms runs as it is defined, and nothing else is touched", async () => {
  await using project = await createProject({ "reyns.ts": scriptFor([]) });
  await withSeed(async () => {
    let before: readonly RandomInstance[] = [];
    const series = fc.sample(fc.tuple(platforms, disturbances), { seed, numRuns: pairs + 1 });
    for (const [platform, actions] of series) {
      const disturbed = await disturb(project, actions);
      const [former, volumes] = [await idsIn(project), await volumesOf(project)];
      await project.write({ "reyns.ts": scriptFor(platform) });
      await project.must("run all prune=true yes");

      const plan = await project.reyns("plan all exit_code=true");
      expect({ ...plan, script: scriptFor(platform) }).toMatchObject({ status: 0 });
      const ids = await idsIn(project);
      expect(Object.keys(ids).toSorted()).toEqual(platform.map(hostOf).toSorted());
      for (const host of unchangedBetween(before, platform))
        if (!disturbed.includes(host)) expect([host, ids[host]]).toEqual([host, former[host]]);
      expect(await volumesOf(project)).toEqual(expect.arrayContaining(volumes));
      before = platform;
    }
  });
});
