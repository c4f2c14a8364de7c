import { expect, test } from "bun:test";
import { resolveServiceWord, splitHostNames } from "../../src/cli/args/service-word.ts";
import { tokenize } from "../../src/cli/args/tokenize.ts";
import { parseOptions } from "../../src/cli/args/parse.ts";
import { runArgs } from "../../src/cli/args/run.ts";
import { checkNames } from "../../src/model/host-names.ts";
import { argsOf } from "./support/calls.ts";

const services = ["web", "ports", "quiet"];

/** The service and the instance of a call, and the keys that it sets; notes go to the list. */
async function read(line: string, notes: string[] = []): Promise<Record<string, unknown>> {
  const typed = tokenize(line.split(" "));
  const { note, ...call } = await resolveServiceWord(typed, runArgs, async () => services);
  if (note !== undefined) notes.push(note);
  const { options } = await parseOptions(call, { name: "run", args: runArgs });
  const { service, instance, ports, new: isNew, json } = options;
  return JSON.parse(JSON.stringify({ service, instance, ports, new: isNew, json })) as never;
}

test.each([
  ["run ports", { service: "ports" }],
  ["run:ports", { service: "ports" }],
  ["run:ports,instance=one,new", { service: "ports", instance: "one", new: true }],
  ["run ports one", { service: "ports", instance: "one" }],
  ["run json ports", { service: "ports", json: true }],
  ["run web ports", { service: "web", ports: "true" }],
  ["run service=web ports", { service: "web", ports: "true" }],
  ["run --ports web", { service: "web", ports: "true" }],
  ["run service=ports --ports", { service: "ports", ports: "true" }],
  ["run json web", { service: "web", json: true }],
])("%s takes a word in the place of the service for one", async (line, expected) => {
  expect(await read(line)).toEqual(expected);
});

test("a word that is taken for a service is noted, with the way to write the key", async () => {
  const notes: string[] = [];
  await read("run ports", notes);
  await read("run web ports", notes);
  expect(notes).toEqual(['"ports" is the service of that name: --ports is the key']);
});

test("a call that may mean two services names both ways to write it", async () => {
  const error = await read("run ports web").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    message: '"ports" is both a service and a key here',
    hint: "write service=ports for the service, or --ports for the key",
  });
});

test("services are listed only where a word may be a key", async () => {
  const fail = async (): Promise<never> => Promise.reject(new Error("listed"));
  for (const line of ["run web one", "run web ports", "run service=web ports", "run --ports web"])
    await resolveServiceWord(tokenize(line.split(" ")), runArgs, fail);
});

test.each(["all", "reallyall"])("a service cannot be called %s, an instance can", (name) => {
  expect(checkNames(name, "one")).toMatchObject([
    { message: `"${name}" cannot be the name of a service` },
  ]);
  expect(checkNames("web", name)).toEqual([]);
});

const names = {
  services: ["web", "web-api", "my-db"],
  instances: [
    { service: "web", instance: "one" },
    { service: "web", instance: "api" },
  ],
  hosts: ["my-db-blue", "web-api-1"],
  isCompose: false,
};

/** The arguments of a call in which host names are split. */
async function split(line: string, isCompose = false): Promise<string> {
  const call = tokenize(line.split(" "));
  const listNames = async (): Promise<typeof names> => ({ ...names, isCompose });
  const { tokens } = await splitHostNames(call, await argsOf(call.command ?? ""), listNames);
  return tokens.map(({ text }) => text).join(" ");
}

test.each([
  ["logs web-one -f", "service=web instance=one -f"],
  ["stop my-db-blue", "service=my-db instance=blue"],
  ["logs web-api-1", "service=web-api instance=1"],
  ["run service=web-one", "service=web instance=one"],
  ["port web-one 80", "service=web instance=one 80"],
  ["exec web-one", "service=web instance=one"],
  ["cp web-one:/srv ./web-one", "web/one:/srv ./web-one"],
  ["cp ./site my-db-blue:/srv", "./site my-db/blue:/srv"],
])("%s: the host name of an instance does not mean that instance", async (line, expected) => {
  expect(await split(line)).toBe(expected);
});

test("an instance of a Compose file is not known by its number before it is started", async () => {
  expect(await split("logs web-api-3", true)).toBe("service=web-api instance=3");
  expect(await split("logs web-api-3")).toBe("web-api-3");
});

test.each([
  ["stop web-one web-api", "one of several services"],
  ["logs web-api", "the name of a service"],
  ["logs web-two", "the name of nothing that is known"],
  ["logs web-*", "a pattern"],
  ["logs web instance=web-one", "an instance"],
  ["build web-one", "an argument of a command about services"],
])("%s: %s is taken for a host name", async (line) => {
  expect(await split(line)).toBe(line.split(" ").slice(1).join(" "));
});

test("the names are listed for a call without a host name", async () => {
  const fail = async (): Promise<never> => Promise.reject(new Error("listed"));
  for (const line of ["logs web", "run web one", "stop -t 5", "build web-one"]) {
    const call = tokenize(line.split(" "));
    await splitHostNames(call, await argsOf(call.command ?? ""), fail);
  }
});
