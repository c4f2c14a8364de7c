// What Docker Compose has started from the folder of a project.
import { expect, test } from "bun:test";
import type { ContainerSummary } from "../../src/docker/containers/list.ts";
import type { ComposeContainer } from "../../src/model/observed.ts";
import { findComposeContainers } from "../../src/runtime/observe/compose.ts";
import { observed, plan, projectOf, started, startOf, startsOf } from "./support/planning.ts";

const project = projectOf([{ service: "web" }, { service: "my-db" }]);
const volume = "3".repeat(64);
const containers: ComposeContainer[] = [
  { id: "c1", name: "shop-web-1", service: "web", project: "shop", state: "running", mounts: [] },
  {
    id: "c2",
    name: "shop-my_db-1",
    service: "my_db",
    project: "shop",
    state: "exited",
    mounts: [{ source: "", target: "/data", readOnly: false, volume }],
  },
  {
    id: "c3",
    name: "shop-other-1",
    service: "other",
    project: "shop",
    state: "running",
    mounts: [],
  },
];

function planWith(composeContainers: readonly ComposeContainer[], adopt?: boolean) {
  const images = ["shop/web", "shop/my-db"];
  return plan(project, { observed: observed({ images, composeContainers }), adopt });
}

test("services that docker compose runs are started a second time", () => {
  expect(() => planWith(containers)).toThrow(
    "docker compose has started this folder's services already: shop-web-1",
  );
});

test("a container that has ended, or of a service that is not here, keeps a run from starting", () => {
  const { steps } = planWith(containers.slice(1));
  expect(steps.map(({ kind }) => kind)).not.toContain("remove-instance");
});

test("adopt=true does not replace the containers of docker compose, or removes their volumes", () => {
  const { steps, lostData } = planWith(containers, true);
  const removals = steps.filter((step) => step.kind === "remove-instance");
  expect(removals.map(({ containerId, keepsVolumes }) => [containerId, keepsVolumes])).toEqual([
    ["c1", true],
    ["c2", true],
  ]);
  for (const host of ["web-one", "my-db-one"])
    expect(startOf(steps, host).after).toEqual(expect.arrayContaining(["remove c1", "remove c2"]));
  expect(lostData).toEqual([
    { host: "shop-my_db-1", target: "/data", volume, replacement: "a new one" },
  ]);
});

test("what makes way for new instances is removed although their network cannot be made", () => {
  const [orphan] = startsOf(plan(projectOf([{ service: "old" }])).steps).map((step) =>
    started(step),
  );
  const images = ["shop/web", "shop/my-db"];
  const seen = observed({ images, composeContainers: containers, subnet: undefined });
  const instances = orphan ? [orphan] : [];
  const { steps } = plan(project, { observed: { ...seen, instances }, adopt: true, prune: true });
  const removals = steps.filter((step) => step.kind === "remove-instance");
  expect(removals.map(({ host }) => host)).toEqual(["shop-web-1", "shop-my_db-1", "old-one"]);
  for (const { after } of removals) expect(after).toContain("network");
});

test("a volume of docker compose that the new container has under no name is replaced without a question", () => {
  const mounted = ({ mounts }: { readonly mounts: readonly string[] }): ComposeContainer => ({
    id: "c1",
    name: "other-web-1",
    service: "web",
    project: "other",
    state: "running",
    mounts: mounts.map((name) => ({
      source: "",
      target: `/${name}`,
      readOnly: false,
      volume: `shop_${name}`,
    })),
  });
  const volumes = ["shop_kept:/kept", "data:/changed"];
  const defined = projectOf([{ service: "web", image: "acme/web", volumes }]);
  const declared = { shop_kept: { external: true } };
  const shop = { ...defined, conf: { ...defined.conf, volumes: declared } };
  const composeContainers = [mounted({ mounts: ["kept", "changed", "gone"] })];
  const { lostData } = plan(shop, { observed: observed({ composeContainers }), adopt: true });
  expect(lostData).toEqual([
    {
      host: "other-web-1",
      target: "/changed",
      volume: "shop_changed",
      replacement: expect.stringMatching(/^shop-[0-9a-f]+-data$/),
    },
    { host: "other-web-1", target: "/gone", volume: "shop_gone", replacement: undefined },
  ]);
});

test("a container of another folder, or a command that docker compose runs once, is recognized", () => {
  const labels = {
    "com.docker.compose.project": "shop",
    "com.docker.compose.service": "web",
    "com.docker.compose.project.working_dir": "/srv/shop",
  };
  const summary = { id: "c1", name: "shop-web-1", state: "running", mounts: [], labels };
  const found = (more: object): number =>
    findComposeContainers(
      [{ ...summary, labels: { ...labels, ...more } } as unknown as ContainerSummary],
      "/srv/shop",
    ).length;
  expect(found({})).toBe(1);
  expect(found({ "com.docker.compose.project.working_dir": "/srv/other" })).toBe(0);
  expect(found({ "com.docker.compose.oneoff": "True" })).toBe(0);
});
