import { expect, test } from "bun:test";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContainerSummary } from "../../src/docker/containers/list.ts";
import { keysDigest } from "../../src/runtime/keys/digests.ts";
import { ensureKeys } from "../../src/runtime/keys/store.ts";
import {
  keysToCompare,
  parseRegistration,
  toInstance,
} from "../../src/runtime/observe/instances.ts";
import { labels } from "../../src/model/labels.ts";

const own = { [labels.service]: "web", [labels.instance]: "one" };

test.each([[{}], [{ [labels.registration]: "" }], [{ [labels.registration]: "{not ours" }]])(
  "labels %j contain no registration",
  (other) => expect(parseRegistration({ ...own, ...other })).toBeUndefined(),
);

test("a registration has default settings where its label has none", () => {
  const registered = { server: "10.5.0.2", address: "10.5.0.3", policy: "APPEND" };
  expect(
    parseRegistration({ ...own, [labels.registration]: JSON.stringify(registered) }),
  ).toMatchObject({ ...registered, service: "web", instance: "one", zone: "local.zone", ttl: 5 });
});

const container = (values: Readonly<Record<string, string>>): ContainerSummary => ({
  id: "1",
  name: "web-one",
  image: "web",
  imageId: "sha256:1",
  labels: { ...own, ...values },
  state: "running",
  status: "Up 1 second",
  createdAt: 0,
  networks: {},
  networkMode: "bridge",
  ports: [],
  mounts: [],
});
const based = container({ [labels.base]: "true", [labels.keys]: "0123456789ab" });
const ready = container({ [labels.keys]: "0123456789ab" });

test("an instance whose keys are gone has lost them, and one of a ready image has not", () => {
  const seen = [based, ready].map((one) => toInstance(one, keysToCompare([based, ready], "")));
  expect(seen.map(({ hasOldKeys, hasLostKeys = false }) => ({ hasOldKeys, hasLostKeys }))).toEqual([
    { hasOldKeys: true, hasLostKeys: true },
    { hasOldKeys: true, hasLostKeys: false },
  ]);
});

test.each([
  ["of ready images alone", [ready], ""],
  ["whose keys cannot be read", [based, ready], undefined],
])("no instance of a project %s has old keys", (_, all, keys) => {
  for (const one of all)
    expect(toInstance(one, keysToCompare(all, keys))).toMatchObject({ hasOldKeys: false });
});

test("keys are missing where nothing is, and not where they are half there or about to be replaced", async () => {
  const folder = await mkdtemp(join(tmpdir(), "reyns-"));
  const keys = join(folder, ".reyns/keys");
  expect(await keysDigest(keys)).toBe("");
  const digest = await ensureKeys(keys);
  expect(digest).toMatch(/^[0-9a-f]{12}$/);
  expect(await keysDigest(keys)).toBe(digest);
  await rename(keys, `${keys}-next`);
  expect(await keysDigest(keys)).toBeUndefined();
  await rm(`${keys}-next`, { recursive: true });
  expect(await keysDigest(keys)).toBe("");
  await mkdir(keys);
  await writeFile(join(keys, "tsig.key"), "x");
  expect(await keysDigest(keys)).toBeUndefined();
  await rm(folder, { recursive: true });
});
