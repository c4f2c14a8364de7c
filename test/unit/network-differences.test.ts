import { expect, test } from "bun:test";
import { labels } from "../../src/model/labels.ts";
import type { ObservedNetwork } from "../../src/model/networks.ts";
import { declaredNetworkName, networkNameOf } from "../../src/model/resource-names.ts";
import { networkDifferences } from "../../src/plan/network-differences.ts";
import { networkDigests } from "../../src/plan/network-settings.ts";
import { checkWarnings } from "../../src/cli/common/check-warnings.ts";
import { projectFolder } from "./support/project-folder.ts";

async function read(script: string) {
  await using folder = await projectFolder({
    "reyns.ts": `import { conf, network, service } from "reyns";\n${script}\n`,
  });
  return await folder.read();
}

test("networks that are not as they are defined differ, and no others", async () => {
  const project = await read(`network("back", { internal: true });
network("front", { name: "front" }); network("proxy", { external: true });
network("there", { external: true }); network("late", {}); network("shared", { name: "made" });
service("web", { image: "i", networks: ["back", "front", "proxy", "there", "late", "shared"] });`);
  const network = (name: string, given: Partial<ObservedNetwork>): ObservedNetwork => ({
    id: name,
    name,
    project: project.name,
    origin: project.origin,
    subnets: [],
    definition: JSON.stringify(networkDigests({})),
    settings: {},
    users: [],
    ...given,
  });
  const foreign = { project: "", origin: "", definition: undefined };
  const made = { "com.docker.compose.project": project.name };
  const back = declaredNetworkName(project, "back", { external: false });
  const found = networkDifferences(project, [
    network(networkNameOf(project), { definition: undefined }),
    network(back, {}),
    network("front", foreign),
    network("there", foreign),
    network("made", { ...foreign, settings: { labels: made } }),
  ]);
  expect(found).toEqual([
    {
      key: "back",
      name: back,
      kind: "changed",
      changes: [{ field: "internal", before: null, after: "true" }],
    },
    { key: "front", name: "front", kind: "foreign", changes: [] },
    { key: "proxy", name: "proxy", kind: "missing", changes: [] },
  ]);
});

test("the project's own network differs when its options have changed", async () => {
  const project = await read(
    'network("default", { labels: { a: "b" } }); service("web", { image: "i" });',
  );
  const own: ObservedNetwork = {
    id: "n",
    name: networkNameOf(project),
    project: project.name,
    origin: project.origin,
    subnets: [],
    definition: undefined,
    settings: { labels: { [labels.project]: project.name } },
    users: [],
  };
  expect(networkDifferences(project, [own])).toMatchObject([{ key: "default", kind: "changed" }]);
  const definition = JSON.stringify(networkDigests({ labels: { a: "b" } }));
  expect(networkDifferences(project, [{ ...own, definition }])).toEqual([]);
});

test("check warns of networks that no instance is in, at their places", async () => {
  const project = await read(`network("front", {});
network("default", { internal: true });
network("back", {});
service("web", { image: "i", networks: ["back"] });`);
  expect(checkWarnings([project])).toEqual([
    "network front: no instance is in it (reyns.ts:2:1)",
    "network default: no instance is in it (reyns.ts:3:1)",
  ]);
  const whole = await read('network("default", { name: "a" }); service("web", { image: "i" });');
  expect(checkWarnings([whole])).toEqual([]);
});
