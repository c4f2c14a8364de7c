// A service may be called json: a word in its place is then no key, in errors neither.
import { expect, setDefaultTimeout, test } from "bun:test";
import { createProject } from "./support/project.ts";

setDefaultTimeout(240_000);

const nowhere = { env: { DOCKER_HOST: "unix:///nowhere/docker.sock" } };

test("errors about a service that is named json are no JSON, unless that is asked for, too", async () => {
  await using shop = await createProject(
    {
      "reyns.ts": `import { project, service } from "reyns";
project("named");
service("json", { image: "debian:bookworm-slim" });
`,
    },
    { offline: true },
  );
  for (const line of ["ps json", "run json", "ps json nonsense=1"]) {
    const { status, stdout, stderr } = await shop.reyns(line, nowhere);
    expect([line, status === 0, stdout]).toEqual([line, false, ""]);
    expect(stderr).toMatch(/^error /m);
  }
  for (const line of ["ps json json", "ps json --json", "ps json --json nonsense=1"]) {
    const { stdout } = await shop.reyns(line, nowhere);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: expect.any(String) } });
  }
});

test("json is the key where no service has that name", async () => {
  await using shop = await createProject(
    { "reyns.ts": 'import { project } from "reyns";\nproject("named");\n' },
    { offline: true },
  );
  const { stdout } = await shop.reyns("ps json", nowhere);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "NO_ENGINE" } });
});
