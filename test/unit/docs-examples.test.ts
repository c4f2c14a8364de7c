// The examples of docs/reyns-ts.md are loaded as they stand there, and have no mistake.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { mistakesIn } from "../../src/commands/check.ts";
import { findProject } from "../../src/project/find.ts";
import { confNames } from "../../src/project/read.ts";
import { projectFolder } from "./support/project-folder.ts";

const page = readFileSync(join(import.meta.dir, "../../docs/reyns-ts.md"), "utf8");
const examples = [...page.matchAll(/^```ts\n([^]*?)^```/gm)].map(([, text = ""]) => text);

/** What an example leaves to its surroundings. */
const web = "FROM reyns/reyns-base\n";
const surroundings = {
  "services/web/Dockerfile": web,
  "worker/Dockerfile": web,
  "docker/web.Dockerfile": `${web.replace("\n", " AS release\n")}ARG NODE\n`,
};

test.each(examples.map((text) => [text.split("\n")[0], text] as const))("%s", async (_, text) => {
  // No example may need the network.
  const offline = text.replace(/\(await fetch\([^)]*\)\)\.text\(\)/, '"abc"');
  await using project = await projectFolder({ ...surroundings, "reyns.ts": offline });
  const place = findProject(project.folder, {});
  const mistakes = await mistakesIn(place, await confNames(place));
  expect(mistakes.map(({ message, at }) => `${at?.line}:${at?.column} ${message}`)).toEqual([]);
});

test("the page names every field", async () => {
  const { serviceSchema } = await import("../../src/api/schema.ts");
  const fields = Object.keys(serviceSchema.entries).filter(
    (name) => !/^(linked|persistent|safe|nethost)/.test(name),
  );
  expect(fields.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
