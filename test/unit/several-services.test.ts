import { describe, expect, test } from "bun:test";
import { joinServices, nameServices } from "../../src/cli/args/service-word.ts";
import { tokenize } from "../../src/cli/args/tokenize.ts";
import { translateCompose } from "../../src/cli/compose-words.ts";
import type { ObservedInstance } from "../../src/model/observed.ts";
import { findInstances } from "../../src/plan/select/choose.ts";
import { updateExpected } from "../../src/project/expected.ts";
import { readKnownNames } from "../../src/project/known-names.ts";
import { findProject } from "../../src/project/locate.ts";
import { projectFolder, thrownBy } from "./support/project-folder.ts";
import { argsOf } from "./support/calls.ts";

describe("several services in one call", () => {
  const names = {
    services: ["web", "api", "db"],
    instances: [{ service: "web", instance: "db" }],
  };

  async function joined(line: string): Promise<string> {
    const call = translateCompose(tokenize(line.split(" ")));
    const args = await argsOf(call.command ?? "");
    const { tokens } = await joinServices(call, args, () => Promise.resolve(names));
    return tokens.map(({ text }) => text).join(" ");
  }

  test.each([
    ["stop web api", "service=web,api"],
    ["stop web api db -t 5", "-t 5 service=web,api,db"],
    ["logs -f web api web", "-f service=web,api"],
    ["build api web", "service=api,web"],
    ["up -d web api", "service=web,api"],
    ["clean api web force", "force service=api,web"],
  ])("%s is about all of them", async (line, expected) => {
    expect(await joined(line)).toBe(expected);
  });

  test.each([
    "stop web",
    "stop web db",
    "stop web one",
    "stop web nope",
    "ssh web api",
    "cp web api",
  ])("%s names at most one", async (line) => {
    expect(await joined(line)).toBe(line.split(" ").slice(1).join(" "));
  });

  test("a service of the name of an instance is no second service, also where that name is computed", async () => {
    await using shop = await projectFolder({
      "reyns.ts": 'import { service } from "reyns";\nservice("web", {});\nservice("db", {});\n',
    });
    const place = await findProject(shop.folder, {});
    const call = tokenize(["stop", "web", "db"]);
    const args = await argsOf("stop");
    const join = () => joinServices(call, args, () => Promise.resolve(readKnownNames(place)));
    expect((await join()).tokens.map(({ text }) => text)).toEqual(["service=web,db"]);
    updateExpected(place, (before) => ({
      ...before,
      instances: [{ project: "shop", service: "web", instance: "db" }],
    }));
    expect(await join()).toEqual({
      ...call,
      note: '"db" is the instance of web: service=web,db is both',
    });
  });

  test("each of them has to exist", () => {
    const running = [
      { service: "web", instance: "one", host: "web-one" },
      { service: "db", instance: "one", host: "db-one" },
    ] as ObservedInstance[];
    const find = (service: string): ObservedInstance[] =>
      findInstances(running, { service, instance: undefined });
    expect(find("web,db")).toEqual(running);
    expect(find("w*,db")).toEqual(running);
    const [error] = thrownBy(() => find("web,dbx"));
    expect([error?.message, error?.hint]).toEqual([
      'no instance of "dbx"',
      'did you mean "db"? accepted: web, db',
    ]);
    expect(thrownBy(() => find("db-one"))[0]?.hint).toBe("did you mean: db one");
  });
});

describe("a service may be called by its name in the Compose file", () => {
  async function named(line: string, ...services: string[]): Promise<string> {
    const call = translateCompose(tokenize(line.split(" ")));
    const args = await argsOf(call.command ?? "");
    const { tokens } = await nameServices(call, args, () => Promise.resolve({ services }));
    return tokens.map(({ text }) => text).join(" ");
  }

  test.each([
    ["stop db_main", "db-main"],
    ["stop -t 5 db_main My.Worker", "-t 5 db-main my-worker"],
    ["logs service=db_main,web", "service=db-main,web"],
    ["up --attach db_main", "show=db-main"],
    ["exec db_main cat /db_main", "db-main"],
    ["cp db_main:/db_main db_main", "db-main:/db_main db_main"],
    ["cp db_main My.Worker/2:/db_main", "db_main my-worker/2:/db_main"],
    ["run web db_main2", "web db_main2"],
    ["run web env=db_main", "web env=db_main"],
  ])("%s: %s", async (line, expected) => {
    expect(await named(line, "db-main", "my-worker", "web")).toBe(expected);
  });

  test("a service that has the name itself is that one", async () => {
    expect(await named("stop db_main", "db_main", "db-main")).toBe("db_main");
  });
});
