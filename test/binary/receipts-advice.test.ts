// What a refused run by receipt advises can be done as it is printed.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../engine/support/images-container.ts";
import { createProject } from "./support/project.ts";
import { writeReceiptOf } from "./support/receipts.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

beforeAll(importSmallImage);

const service = `{ build: ./app, command: sleep 999, stop_signal: SIGKILL, volumes: ["./pw.txt:/pw.txt:ro"] }`;

test("the advice of a refused run by receipt fits the folder, and its docker tag names the image of each instance", async () => {
  await using project = await createProject({
    "compose.yaml": `name: advice\nservices:\n  api: ${service}\n  migrate: ${service}\n`,
    "app/Dockerfile": `FROM ${smallImage}\nCOPY page /page\n`,
    "app/page": "one",
    "pw.txt": "secret",
  });
  const { folder } = project;
  const git = (...words: string[]): Promise<string> =>
    must("git", "-C", folder, "-c", "user.name=t", "-c", "user.email=t@t", ...words);
  await project.must("run all");
  await git("init", "-q");
  await git("add", ".");
  await git("commit", "-qm", "first");
  const receipt = await writeReceiptOf(folder);
  await project.must("clean all force=True");
  const env = { PATH: process.env["PATH"] ?? "" };
  const refusal = async (): Promise<string> => {
    const { status, stderr } = await project.reyns(`run all receipt=${receipt}`, { env });
    expect(status).toBe(1);
    return stderr;
  };

  await project.write({ "app/page": "two" });
  await project.must("build all");
  const rebuilt = await refusal();
  expect(rebuilt).toContain("it was tested at this commit");
  expect(rebuilt).not.toContain("check that out");
  const tags = [...rebuilt.matchAll(/docker tag (sha256:\w{64}) (\S+)/g)];
  expect(tags.map(([, , name]) => name)).toEqual(["advice/api:latest", "advice/migrate:latest"]);
  for (const [, id = "", name = ""] of tags) await must("docker", "tag", id, name);
  await project.must(`run all receipt=${receipt}`);
  await project.must("clean all force=True");

  await rename(join(folder, "pw.txt"), join(folder, "elsewhere.txt"));
  const missing = await refusal();
  expect(missing).toContain("error ./pw.txt is missing here\n      put it here");
  expect(missing).not.toMatch(/check that out|test again/);

  await project.write({ "pw.txt": "other" });
  await rm(join(folder, ".git"), { recursive: true });
  const loaded = await refusal();
  expect(loaded).toMatch(/it was tested at the commit \w{40}.*: reyns load FILE/);
  expect(loaded).not.toMatch(/check that out|test again/);
});
