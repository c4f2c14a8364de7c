// convert replaces no project by one that check refuses.
import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import {
  assumeValues,
  checkConverted,
  requireValues,
  type AssumedValues,
} from "../../src/cli/commands/convert/mistakes.ts";
import { convertComposeProject } from "../../src/project/compose/convert.ts";
import { findProject } from "../../src/project/locate.ts";
import { described, projectFolder, rejectedBy } from "./support/project-folder.ts";

// Programs are parsed and run.
setDefaultTimeout(30_000);

async function convertCompose(services: object, dotenv = "") {
  const compose = JSON.stringify({ services });
  await using project = await projectFolder({ "compose.yaml": compose, ".env": dotenv });
  const place = await findProject(project.folder, {});
  let text = "";
  const errors = await rejectedBy(
    (async () => {
      const assumed = await assumeValues(place, {});
      const textWith = async (values: AssumedValues): Promise<string> =>
        (await convertComposeProject(place, values)).text;
      text = await textWith(assumed);
      await requireValues(assumed, textWith, place, {});
      await checkConverted(place, text, {}, assumed);
    })(),
  );
  return { text, errors: errors.map((error) => described(error, project.folder)) };
}

test("a Compose file is converted without the values that its variables need", async () => {
  const { text, errors } = await convertCompose({
    db: {
      image: "acme/db:${DB_TAG:?which}",
      environment: { POSTGRES_PASSWORD: "${POSTGRES_PASSWORD:?set it}" },
      ports: ["${DB_PORT?}:5432"],
    },
  });
  expect(errors).toEqual([]);
  expect(text).toContain('POSTGRES_PASSWORD: required({ secret: true, description: "set it" })');
  expect(text).toContain('`acme/db:${env.DB_TAG || missing("DB_TAG", "which")}`');
  expect(text).not.toMatch(/6100\d/);
  expect(process.env).not.toHaveProperty("DB_TAG");
});

test("a value that reyns.ts would have in place of its variable is required to convert", async () => {
  const { errors } = await convertCompose({
    db: { image: "acme/db", environment: { POSTGRES_PASSWORD: "${POSTGRES_PASSWORD:?set it}" } },
    web: { image: "acme/web", mem_limit: "${MEMORY:?how much}m", ports: ["80:${INNER:?}"] },
  });
  expect(errors).toEqual([expect.stringContaining("the variable INNER has no value")]);
});

test("a Compose file that check refuses is not converted", async () => {
  const { text, errors } = await convertCompose({
    web: { image: "acme/web", ports: ["8080:80"], network_mode: "service:db" },
    db: { image: "acme/db" },
  });
  expect(text).toBe("");
  expect(errors).toEqual([
    expect.stringMatching(/^compose\.yaml:1:\d+ ports cannot stand beside network_mode/),
  ]);
});

test("a reyns.ts that check refuses is written nowhere, and each mistake is shown with its line", async () => {
  await using project = await projectFolder({
    "services/web/Dockerfile": "FROM reyns/reyns-base\n",
    "default.conf": '[{ "service": "web" }]',
  });
  const place = await findProject(project.folder, {});
  const text = 'import { service } from "reyns";\n\nservice("web", { links: ["nope"] });\n';
  const errors = await rejectedBy(checkConverted(place, text, {}, {}));
  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).toBe(
    'the converted reyns.ts would have a mistake in line 3: link nope refers to the unknown service "nope"',
  );
  expect(errors[0]?.hint).toContain("nothing is written");
  expect(errors[0]?.output).toEqual(['service("web", { links: ["nope"] });']);
  expect(readdirSync(project.folder).toSorted()).toEqual(["default.conf", "services"]);
});
