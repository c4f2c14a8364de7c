// What a run finds that was killed while it replaced an instance.
import { expect, test } from "bun:test";
import type { ObservedInstance } from "../../src/model/observed.ts";
import { imageVolumeNameOf, previousNameOf } from "../../src/model/resource-names.ts";
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
