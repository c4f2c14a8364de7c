// What a moved folder means for instances that were made before.
import { expect, test } from "bun:test";
import { hashDefinition } from "../../src/plan/describe/config-hash.ts";
import { formerFolderErrors } from "../../src/plan/checks/moved-folder.ts";
import { changedMounts, currentPath } from "../../src/plan/moved-mounts.ts";
import { plan, projectOf, startOf, started } from "./support/planning.ts";

const definition = {
  service: "web",
  instance: "one",
  image: "app",
  volumes: ["./pages:/pages", "/srv/all:/all", "data:/data"],
};
const project = projectOf([definition]);
const step = startOf(plan(project).steps, "web-one");
const before = hashDefinition(step.spec, {})["mounts"];
const mount = (source: string, volume: string | null = null) => ({
  source,
  target: "/x",
  readOnly: false,
  volume,
});
const existing = started(step, { mounts: [mount("/home/me/shop/pages"), mount("/v", "data")] });
const moved = { folder: "/new/shop", movedFrom: ["/other", "/home/me/shop"] };
const mounts = step.spec.mounts.map((one) => ({
  ...one,
  source: one.source.replace("/home/me/shop", "/new/shop"),
}));

test("mounts that differ by the project's folder alone have changed with it", () => {
  expect(changedMounts(before, mounts, existing, moved)).toBe("folder");
  expect(changedMounts(before, mounts, existing, { ...moved, movedFrom: ["/other"] })).toBe(
    "mounts",
  );
  expect(changedMounts(before, mounts.slice(1), existing, moved)).toBe("mounts");
});

test("a container without paths of the former folder is left alone", () => {
  const copied = { ...existing, mounts: [mount("/home/me/shopping"), mount("/v", "data")] };
  expect(changedMounts(before, mounts, copied, moved)).toBeUndefined();
  expect(formerFolderErrors([copied], moved)).toEqual([]);
});

test("what mounts the former folder is not started again, and the hint replaces it", () => {
  const [error] = formerFolderErrors([existing], moved);
  expect(error).toMatchObject({ code: "START_FAILED", hint: "replace it: reyns run web one" });
});

test("paths of the former folder are found in the new one", () => {
  expect(currentPath("/home/me/shop/data_shop/a", moved)).toBe("/new/shop/data_shop/a");
  expect(currentPath("/home/me/shopping", moved)).toBe("/home/me/shopping");
});
