// Warnings of a Compose project.
import { expect, test } from "bun:test";
import { readComposeFiles, webFile } from "./support/compose-files.ts";

test("what has no effect, and what Compose reads differently, is a warning", async () => {
  const body = `    command: "a | b"
    tty: yes
    volumes: ["/a:/b:cached"]
    hostname: \${NOBODY}
`;
  const warnings = await readComposeFiles(webFile(body), (project) =>
    project.warnings.map(({ at, message }) => `${at.line} ${message}`),
  );
  expect(warnings).toEqual([
    "7 the variable NOBODY is not set: it is left empty",
    '4 services.web.command ends before "|": there is no shell that reads what follows',
    '5 services.web.tty is a boolean: "yes" counts as true',
    '6 services.web.volumes.0: the option "cached" has no effect',
  ]);
});

test("a service that no profile selects is read in whole, and its problems are warnings", async () => {
  const files = {
    "compose.yaml": `services:
  web: {image: x}
  debug: {image: y, profiles: [debug], env_file: [a.env, none.env], depends_on: [web, tools, gone]}
  tools: {image: z, profiles: [debug]}
`,
    "a.env": "A=1\n",
  };
  const { debug, warnings } = await readComposeFiles(files, (project, folder) => ({
    debug: project.file.services["debug"]?.environment,
    warnings: project.warnings.map(({ message }) => message.replace(`${folder}/`, "")),
  }));
  expect(debug).toEqual({ A: "1" });
  expect(warnings).toEqual([
    "cannot read the file none.env: there is no such file",
    'services.debug depends on "gone", which is not defined',
  ]);
});
