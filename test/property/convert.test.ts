// Whatever confs a project has that is valid, its converted form is valid, too.
import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import * as fc from "fast-check";
import { collectMistakes } from "../../src/cli/commands/check.ts";
import { convertConfs } from "../../src/project/conf/convert.ts";
import { readConfFile } from "../../src/project/conf/read.ts";
import { findProject } from "../../src/project/locate.ts";
import { confNames, inspectProject } from "../../src/project/read.ts";
import { projectFolder } from "../unit/support/project-folder.ts";

// Random tests take as long as the machine lets them.
setDefaultTimeout(240_000);

const defined = ["db", "web", "web-2", "reyns-router", "reyns-dns"] as const;
const instances = ["one", "two", "2-b", "master"] as const;

const link = fc.oneof(
  fc.record({
    name: fc.constantFrom("DB", "web-x", "dns"),
    service: fc.constantFrom(...defined, "elsewhere", "db*"),
    instance: fc.constantFrom(null, ...instances),
  }),
  fc
    .tuple(
      fc.constantFrom("db-one", "web-*", "web-2-b", "reyns-dns-*", "elsewhere-one", "else*"),
      fc.constantFrom("db", "dns", "Far_away"),
    )
    .map((parts) => parts.join(":")),
);

const optional = { requiredKeys: ["service"] } satisfies { requiredKeys: ["service"] };

const entry = fc.record(
  {
    service: fc.constantFrom(...defined),
    instance: fc.constantFrom(null, ...instances),
    group: fc.constantFrom("front", "back"),
    autorun: fc.boolean(),
    job: fc.boolean(),
    sleep: fc.nat(3),
    linked: fc.boolean(),
    links: fc.array(link, { maxLength: 3 }),
    env_vars: fc.record({ "A.b": fc.constantFrom("x", null, 1), FROM: fc.constant("from_lo") }),
    route: fc.constantFrom("shop.test", "shop.test/api").map((host) => ({ host, port: 80 })),
    volumes: fc.constantFrom("data:/data", "$PROJECT_DIR/a:/a:ro"),
    hostname: fc.constant("shop"),
  },
  optional,
);

/** A DNS and a router have no routes of their own, and never end as a job does. */
const sensible = entry.map(({ route, job, ...rest }) => {
  const isBundled = rest.service.startsWith("reyns-");
  return { ...rest, ...(isBundled ? {} : { route, job }) };
});

const conf = fc.uniqueArray(sensible, {
  minLength: 1,
  maxLength: 6,
  // At most one router, and no host name twice.
  selector: ({ service, instance }) =>
    service === "reyns-router" ? service : `${service}-${instance ?? Math.random()}`,
});

const services = Object.fromEntries(
  ["db", "web", "web-2"].map((name) => [
    `services/${name}/Dockerfile`,
    "FROM reyns/reyns-base\nEXPOSE 80\n",
  ]),
);

test("a valid conf is converted to a reyns.ts without a mistake", async () => {
  let converted = 0;
  await fc.assert(
    fc.asyncProperty(conf, fc.constantFrom("default", "run", "prod"), async (entries, name) => {
      await using project = await projectFolder({
        ...services,
        [`${name}.conf`]: JSON.stringify(entries),
      });
      const place = await findProject(project.folder, {});
      fc.pre((await collectMistakes(place, [name], {})).length === 0);
      const read = await inspectProject(place, {}, name);
      const { text } = convertConfs({
        project: "shop",
        confs: [readConfFile(join(project.folder, `${name}.conf`), name).conf],
        dockerOps: name === "run",
        services: [...read.project.services.keys()],
      });
      await project.write({ "reyns.ts": text });
      const now = await findProject(project.folder, {});
      const mistakes = await collectMistakes(now, await confNames(now), {});
      const said = mistakes.map(({ message, hint }) => `${message}\n${hint}`);
      expect({ text, said }).toEqual({ text, said: [] });
      converted += 1;
    }),
    { numRuns: 60, maxSkipsPerRun: 1000 },
  );
  expect(converted).toBeGreaterThan(30);
});
