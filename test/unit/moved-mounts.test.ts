// What a moved folder means for instances that were made before.
import { expect, test } from "bun:test";
import { hashDefinition } from "../../src/plan/describe/config-hash.ts";
import { formerFolderErrors, lostKeysErrors } from "../../src/plan/checks/moved-folder.ts";
import { changedParts } from "../../src/plan/changed-parts.ts";
import { changedMounts, currentPath } from "../../src/plan/moved-mounts.ts";
import { observed, plan, projectOf, startOf, started } from "./support/planning.ts";

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

test("what has lost the project's keys is replaced by a run, and not started again as it is", () => {
  const lost = { ...existing, hasOldKeys: true, hasLostKeys: true };
  const { steps, warnings } = plan(project, { observed: observed({ instances: [lost] }) });
  expect(startOf(steps, "web-one").reason).toContain("changed: ");
  expect(startOf(steps, "web-one").reason).toContain("keys");
  const remedy =
    "reyns run all makes new keys and replaces this instance; to keep the old ones, bring them back first: reyns keys import FILE";
  expect(warnings).toEqual([
    `the project's keys (.reyns/keys) are missing, and web-one was started with them: ${remedy}`,
  ]);
  expect(lostKeysErrors([lost, existing])).toMatchObject([
    { code: "KEYS_UNUSABLE", message: expect.stringContaining("web-one"), hint: remedy },
  ]);
  expect(lostKeysErrors([{ ...lost, hasLostKeys: false }])).toEqual([]);
});

test("new keys replace nothing that has none, is not registered and keeps no secret", () => {
  const without = { ...existing, hasOldKeys: true, hasEntrypoint: false, mounts: [] };
  const context = { project, observed: observed(), missing: [], isDefined: () => true };
  expect(changedParts(without, step, context)).not.toContain("keys");
  expect(changedParts({ ...without, hasEntrypoint: true }, step, context)).toContain("keys");
  expect(changedParts({ ...without, secrets: ["TOKEN"] }, step, context)).toContain("keys");
});
