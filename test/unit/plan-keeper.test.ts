import { describe, expect, test } from "bun:test";
import { resumeLeases, dropLeases } from "../../src/plan/dns-keeper.ts";
import { imageOfKeeper } from "../../src/plan/images-to-save.ts";
import { labels } from "../../src/model/labels.ts";
import { planClean, planRestart, planStop } from "../../src/plan/lifecycle-plan.ts";
import type { ObservedInstance, ObservedKeeper } from "../../src/model/observed.ts";
import type { KeepLeases, Step } from "../../src/model/steps.ts";
import { observed, plan, projectOf, started, startsOf } from "./support/planning.ts";

const images = ["postgres:17", "shop/web"];
const db = { service: "db", image: "postgres:17" };
const dns = { service: "reyns-dns", instance: "main" };
const project = projectOf([dns, db, { service: "web" }]);
const first = plan(project, { observed: observed({ images }) });
const running: ObservedInstance[] = startsOf(first.steps).map((step) =>
  started(step, { hasEntrypoint: step.host !== "db-one" }),
);
const keeping = (steps: readonly Step[]): KeepLeases | undefined =>
  steps.find((step) => step.kind === "keep-leases");
const kinds = (steps: readonly Step[]): string[] => steps.map(({ kind }) => kind);
const keeper: ObservedKeeper = {
  hasOldKeys: false,
  id: "k",
  project: "shop",
  origin: project.origin,
  mounts: [],
  state: "running",
  isConnected: true,
  isRenamed: false,
  settings: keeping(first.steps)?.spec.labels[labels.definition] ?? "",
};
const again = (given: Parameters<typeof observed>[0], wish = {}) =>
  plan(project, { observed: observed({ images, ...given }), ...wish });
const scene = { folder: project.folder, keeper, all: running, hostHostname: "laptop" };
const [database, server, web] = ["db-one", "reyns-dns-main", "web-one"].map((host) =>
  running.find((one) => one.host === host),
) as [ObservedInstance, ObservedInstance, ObservedInstance];

describe("a run", () => {
  test("of a ready image tells the keeper of it, before its start and beside those of others", () => {
    const step = keeping(first.steps);
    const [address, dnsAddress] = [database.address ?? "", server.address ?? ""];
    expect(step?.lines).toEqual([
      `db-one db one ${address} REPLACE ${dnsAddress} local.zone ${address} laptop`,
    ]);
    expect(step?.spec).toMatchObject({
      image: "reyns/reyns-common",
      command: ["/usr/lib/reyns/keeper"],
      labels: { [labels.role]: "keeper", [labels.folder]: project.folder },
      mounts: ["id_ed25519", "id_ed25519.pub", "known_hosts", "tsig.key"].map((name) => ({
        target: `/etc/reyns/keys/${name}`,
        readOnly: true,
      })),
      runtime: { restart: "unless-stopped" },
    });
    expect(step?.spec.labels[labels.instance]).toBeUndefined();
    const waiting = startsOf(first.steps).filter(({ after }) => after.includes("keeper"));
    expect(waiting.map(({ host }) => host)).toEqual(["db-one"]);
  });

  test("of an image of ours with another entrypoint, in which no agent runs, tells the keeper of it", () => {
    const runtime = { entrypoint: ["perl"] };
    const { steps } = plan(projectOf([dns, { service: "web", runtime }]), {
      observed: observed({ images: [] }),
    });
    expect(keeping(steps)?.lines).toEqual([expect.stringMatching(/^web-one web one /)]);
    const saved = (given: object): string | undefined =>
      imageOfKeeper(projectOf([dns, { service: "web", ...given }]), new Map());
    expect([saved({ runtime }), saved({})]).toEqual(["reyns/reyns-common:latest", undefined]);
  });

  test("waits with it for the network and the image", () => {
    const bare = plan(project, {
      observed: { ...observed({ images }), subnet: undefined, images: new Map() },
    });
    expect(keeping(bare.steps)?.after).toEqual(
      expect.arrayContaining(["network", "build reyns/reyns-common"]),
    );
  });

  test("that changes nothing of it costs nothing, whatever else it starts", () => {
    expect(again({ instances: running, keeper }).steps).toEqual([]);
    const without = running.filter(({ host }) => host !== "web-one");
    expect(kinds(again({ instances: without, keeper }).steps)).toEqual(["start-instance"]);
  });

  test.each([
    ["is gone", undefined],
    ["was stopped", { ...keeper, state: "exited" }],
  ])("sees to it when it %s", (_, there) => {
    const without = running.filter(({ host }) => host !== "web-one");
    const { steps } = again({ instances: without, keeper: there });
    expect(keeping(steps)?.lines).toHaveLength(1);
    expect(keeping(steps)?.replaces).toBeUndefined();
  });

  test.each([
    ["settings", { settings: '{"DNS_TTL":"9"}' }],
    ["keys", { hasOldKeys: true }],
  ])("replaces one that was made with other %s", (_, made) => {
    const other = { ...keeper, ...made };
    const without = running.filter(({ host }) => host !== "web-one");
    expect(keeping(again({ instances: without, keeper: other }).steps)?.replaces).toBe("k");
  });

  test("with no DNS, or of hidden instances only, has none", () => {
    const hidden = { ...db, env: { DNS_UPDATE_POLICY: { kind: "text", text: "HIDE" } as const } };
    for (const instances of [[db], [dns, hidden], [dns, { service: "web" }]])
      expect(
        keeping(plan(projectOf(instances), { observed: observed({ images }) }).steps),
      ).toBeUndefined();
  });
});

describe("what stops", () => {
  test("is taken from the keeper before it goes; what has its own agent does not wait", () => {
    const steps = dropLeases(planStop([database, web], running), [database, web], scene);
    expect(kinds(steps)).toEqual(["remove-keeper", "stop-instance", "stop-instance"]);
    expect(steps.map(({ after }) => after)).toEqual([[], ["keeper"], []]);
  });

  test("leaves the keeper to the others", () => {
    const two = { ...database, id: "id-two", host: "db-two", instance: "two" };
    const all = { ...scene, all: [...running, two] };
    const steps = dropLeases(planStop([two], all.all), [two], all);
    expect(keeping(steps)?.lines).toEqual([expect.stringContaining("db-one ") as string]);
  });

  test("does not touch the keeper when it was not in its list", () => {
    expect(kinds(dropLeases(planStop([web], running), [web], scene))).toEqual(["stop-instance"]);
  });

  test("all of it: the network goes after the keeper, also when only that is left", () => {
    for (const all of [running, []]) {
      const steps = dropLeases(planClean(all, all, [{ name: "net", project }]), all, {
        ...scene,
        all,
      });
      expect(kinds(steps)[0]).toBe("remove-keeper");
      expect(steps.at(-1)).toMatchObject({ kind: "remove-network" });
      expect(steps.at(-1)?.after).toContain("keeper");
    }
  });
});

test("what starts again is told to the keeper", () => {
  const stopped = { ...database, state: "exited" };
  const all = running.map((one) => (one.host === "db-one" ? stopped : one));
  const steps = resumeLeases(planRestart([stopped], 9), [stopped], {
    ...scene,
    all,
    keeper: undefined,
  });
  expect(keeping(steps)?.lines).toEqual(keeping(first.steps)?.lines as string[]);
});
