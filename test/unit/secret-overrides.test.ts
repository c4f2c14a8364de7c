import { expect, test } from "bun:test";
import { plan, projectOf, startOf } from "./support/planning.ts";
import type { EnvValue } from "../../src/model/project.ts";

const secret: EnvValue = { kind: "required", secret: true, description: undefined };
const project = projectOf([
  { service: "db", env: { CODE: secret, DB_PASSWORD: secret } },
  { service: "web", env: { A: { kind: "text", text: "a" } } },
]);

test("a value that env= gives in the place of a secret, or under the name of one, stays a secret", () => {
  const env = { CODE: "from_x", DB_PASSWORD: "hidden", A: "b" };
  const planned = plan(project, { env });
  const [db, web] = [startOf(planned.steps, "db-one"), startOf(planned.steps, "web-one")];
  expect(db.spec.secrets).toEqual({ CODE: "from_x", DB_PASSWORD: "hidden" });
  expect(web.spec.secrets).toEqual({ CODE: "from_x", DB_PASSWORD: "hidden" });
  expect(web.spec.env).toMatchObject({ A: "b" });
  expect(JSON.stringify([db.spec.env, db.spec.labels, web.spec.env])).not.toContain("hidden");
});
