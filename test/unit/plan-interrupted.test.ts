// Which container a replacement goes back to, also after a run that was killed.
import { expect, test } from "bun:test";
import type { ObservedInstance } from "../../src/model/observed.ts";
import { imageVolumeNameOf, previousNameOf } from "../../src/model/resource-names.ts";
import { planClean, planRestart } from "../../src/plan/lifecycle-plan.ts";
import { observed, plan, projectOf, started, startOf } from "./support/planning.ts";

const before = projectOf([{ service: "web", instance: "one" }]);
const after = projectOf([{ service: "web", instance: "one", command: ["other"] }]);
const start = startOf(plan(before).steps, "web-one");
const former: ObservedInstance = started(start, {
  containerName: previousNameOf(start.spec.name),
  state: "exited",
});

test("the volumes of its image are not taken for lost", () => {
  const mount = {
    source: "/var/lib/docker/volumes/x/_data",
    target: "/data",
    readOnly: false,
    volume: imageVolumeNameOf(start.spec.name, "/data"),
  };
  const instances = [{ ...former, mounts: [mount] }];
  const { lostData } = plan(after, { observed: observed({ instances }) });
  expect(lostData).toEqual([]);
});

test("a container that was set aside is what a failed replacement goes back to", () => {
  const { predecessor, removes } = startOf(
    plan(after, { observed: observed({ instances: [former] }) }).steps,
    "web-one",
  );
  expect({ predecessor, removes }).toEqual({ predecessor: former.id, removes: undefined });
});

test("start gives a container that was set aside its name back", () => {
  expect(planRestart([former])).toMatchObject([{ containerId: former.id, name: start.spec.name }]);
  expect(planRestart([started(start)])).toMatchObject([{ name: undefined }]);
});

test("a replacement whose new container has ended begins again, and can still go back", () => {
  const ended = started(start, { state: "exited", predecessor: "id-former" });
  const steps = plan(before, { observed: observed({ instances: [ended] }) }).steps;
  expect(startOf(steps, "web-one")).toMatchObject({ removes: ended.id, predecessor: "id-former" });
});

test("clean removes the container that was set aside first, as it may use the same volumes", () => {
  const both = started(start, { predecessor: "id-former" });
  const steps = planClean([both], [both], []);
  expect(steps).toContainEqual(
    expect.objectContaining({ containerId: both.id, after: ["remove id-former"] }),
  );
});

test("a container with a temporary volume is not kept: the new one would find what it left there", () => {
  const existing = started(start, { temporaryVolume: "shop-web-one-tmp" });
  const steps = plan(after, { observed: observed({ instances: [existing] }) }).steps;
  expect(startOf(steps, "web-one")).toMatchObject({
    removes: existing.id,
    predecessor: undefined,
  });
});
