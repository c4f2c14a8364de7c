// Ready checks in labels: a command may hold a secret, and labels are there for everybody to read.
import { expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { planStart } from "../../src/plan/lifecycle-plan.ts";
import { openReady, sealReady } from "../../src/runtime/instances/sealed-ready.ts";
import { openSealed, sealText } from "../../src/runtime/keys/seal.ts";
import { ensureKeys } from "../../src/runtime/keys/store.ts";
import type { Ready } from "../../src/model/readiness.ts";
import { plan, projectOf, startOf, started } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

type Check = Extract<Ready, { kind: "check" }>["check"];

const withCheck = (check: Check): Ready => ({ kind: "check", check, address: "10.200.0.9" });
const withText: Check[] = [
  { kind: "command", command: ["curl", "-u", "admin:hunter2", "localhost"] },
  { kind: "http", port: 80, path: "/health?token=hunter2" },
  { kind: "log", pattern: "hunter2", flags: "i" },
  { kind: "file", path: "/hunter2" },
];

async function projectWithKeys() {
  const project = await projectFolder({});
  const keys = join(project.folder, ".reyns/keys");
  await ensureKeys(keys);
  return { keys, [Symbol.asyncDispose]: () => project[Symbol.asyncDispose]() };
}

test.each(withText)("the label of a check shows nothing of its text: %j", async (check) => {
  await using project = await projectWithKeys();
  const sealed = await sealReady(withCheck(check), project.keys);
  expect(sealed).toEqual({
    kind: "sealed",
    check: check.kind,
    address: "10.200.0.9",
    text: expect.stringMatching(/^[A-Za-z0-9+/]+=*$/),
  });
  expect(sealed).toEqual(await sealReady(withCheck(check), project.keys));
  expect(await openReady(sealed, project.keys)).toEqual(withCheck(check));
});

test("what has no text is readable for every version", async () => {
  const all: Ready[] = [
    { kind: "entrypoint" },
    { kind: "completed" },
    { kind: "ports", address: "10.200.0.9", ports: [80] },
    withCheck({ kind: "tcp", port: 80 }),
    withCheck({ kind: "healthy" }),
    withCheck({ kind: "started" }),
  ];
  for (const ready of all) {
    expect(await sealReady(ready, "/none")).toEqual(ready);
    expect(await openReady(ready, "/none")).toEqual(ready);
  }
});

test("other keys, and whatever somebody writes into a label, open nothing", async () => {
  await using project = await projectWithKeys();
  await using other = await projectWithKeys();
  const sealed = await sealText("hunter2", project.keys);
  expect(await openSealed(sealed, other.keys)).toBeUndefined();
  for (const text of ["", "x", "é", sealed.slice(0, 8), `AAAA${sealed.slice(4)}`])
    expect(await openSealed(text, project.keys)).toBeUndefined();
  await rm(project.keys, { recursive: true });
  expect(await openSealed(sealed, project.keys)).toBeUndefined();
  expect(sealText("hunter2", project.keys)).rejects.toMatchObject({ code: "KEYS_UNUSABLE" });
});

test("start waits by a sealed check, by one of an earlier version, and by neither if it is garbage", () => {
  const { steps } = plan(projectOf([{ service: "web", ready: withText[0] }]));
  const web = started(startOf(steps, "web-one"), { state: "exited" });
  const readyOf = (readiness: string): unknown => {
    const [step] = planStart([{ ...web, readiness }]);
    return step && "ready" in step ? step.ready : undefined;
  };
  const sealed = { kind: "sealed", check: "command", address: "10.200.0.9", text: "AAAA" };
  expect(readyOf(JSON.stringify(sealed))).toEqual(sealed);
  const plain = withCheck({ kind: "command", command: ["true"] });
  expect(readyOf(JSON.stringify(plain))).toEqual(plain);
  for (const garbage of [{ kind: "sealed" }, { kind: "sealed", text: 1 }, { kind: "check" }])
    expect(readyOf(JSON.stringify(garbage))).toEqual({ kind: "entrypoint" });
});
