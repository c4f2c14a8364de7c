// The examples in docs/ are loaded as they stand there, and have no mistake.
import { expect, test } from "bun:test";
import { collectMistakes } from "../../src/cli/commands/check.ts";
import { findProject } from "../../src/project/locate.ts";
import { confNames } from "../../src/project/read.ts";
import { blocksOf, pages, readPage } from "./support/doc-lines.ts";
import { projectFolder } from "./support/project-folder.ts";

const examples = pages
  .filter((page) => page !== "README.md")
  .flatMap((page) =>
    blocksOf(page, "ts").map((text, index) => [`${page}, ${index + 1}`, text] as const),
  );

/** What an example leaves to its surroundings. */
const web = "FROM reyns/reyns-base\n";
const surroundings = {
  "services/web/Dockerfile": web,
  "services/hello/Dockerfile": web,
  "web/Dockerfile": web,
  "worker/Dockerfile": web,
  "docker/web.Dockerfile": `${web.replace("\n", " AS release\n")}ARG NODE\n`,
  Caddyfile: "",
  "tls.key": "",
  "db_password.txt": "",
  "compose.yaml": "services: { web: { image: acme/web }, db: { image: acme/db } }\n",
};

test.each(examples)("%s", async (_, text) => {
  // No example may need the network.
  const offline = text.replace(/\(await fetch\([^)]*\)\)\.text\(\)/, '"abc"');
  await using project = await projectFolder({ ...surroundings, "reyns.ts": offline });
  const place = await findProject(project.folder, {});
  const mistakes = await collectMistakes(place, await confNames(place));
  expect(mistakes.map(({ message, at }) => `${at?.line}:${at?.column} ${message}`)).toEqual([]);
});

test("docs/reyns-ts.md names every field", async () => {
  const page = readPage("docs/reyns-ts.md");
  const { serviceSchema } = await import("../../src/api/schema.ts");
  const fields = Object.keys(serviceSchema.entries).filter(
    (name) => !/^(linked|persistent|safe|nethost)/.test(name),
  );
  expect(fields.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
