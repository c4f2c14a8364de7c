import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addressOf, isEndpoint, nodeEnvironment, nodesOf } from "../../src/model/nodes.ts";
import { defineInstance, type Conf } from "../../src/model/project.ts";
import { resolveNodes } from "../../src/project/nodes.ts";

const at = { file: "reyns.ts" };
const folder = mkdtempSync(join(tmpdir(), "reyns-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("an endpoint has one of the known schemes and a target", () => {
  const good = ["local", "context:far", "unix:///run/d.sock", "ssh://u@h:2/p", "tcp://[::1]:2375"];
  const bad = ["", "Local", "context:", "unix://", "docker://h", "10.0.0.1", "ssh:h", "tcp://"];
  expect(good.filter((text) => !isEndpoint(text))).toEqual([]);
  expect(bad.filter(isEndpoint)).toEqual([]);
});

test("a node's Engine is found whatever the caller's environment selects", () => {
  const caller = { DOCKER_HOST: "tcp://mine:2375", DOCKER_CONTEXT: "mine", HOME: "/h" };
  const selected = (endpoint: string, certificates?: string): unknown =>
    JSON.parse(JSON.stringify(nodeEnvironment({ endpoint, certificates, at }, caller)));
  expect(selected("ssh://far")).toEqual({ HOME: "/h", DOCKER_HOST: "ssh://far" });
  expect(selected("context:x")).toEqual({ HOME: "/h", DOCKER_CONTEXT: "x" });
  expect(selected("local")).toEqual({ HOME: "/h", DOCKER_CONTEXT: "default" });
  const tls = { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/c" };
  expect(selected("tcp://far:2376", "/c")).toEqual({
    ...{ HOME: "/h", DOCKER_HOST: "tcp://far:2376" },
    ...tls,
  });
});

test("a node's address is the one given, else the one in its endpoint", () => {
  expect(addressOf({ endpoint: "ssh://u@10.0.0.1:22", at })).toBe("10.0.0.1");
  expect(addressOf({ endpoint: "ssh://u@10.0.0.1", address: "10.0.0.9", at })).toBe("10.0.0.9");
  expect(addressOf({ endpoint: "ssh://far", at })).toBeUndefined();
  expect(addressOf({ endpoint: "local", at })).toBeUndefined();
});

function confWith(groups: readonly (string | undefined)[], nodes: Conf["nodes"]): Conf {
  const instances = groups.map((group, index) =>
    defineInstance({ service: "web", instance: String(index), group, at }),
  );
  return { name: "default", file: "reyns.ts", sequential: false, instances, nodes };
}

test("a conf without a node's group is not spread over machines", () => {
  const nodes = { far: { endpoint: "ssh://far", at } };
  expect(nodesOf(confWith([undefined, "other"], nodes))).toEqual([]);
  expect(nodesOf(confWith(["far"], nodes)).map(({ name }) => name)).toEqual(["far"]);
  expect(resolveNodes(confWith([undefined], nodes), "/nowhere").errors).toEqual([]);
});

test("host.conf names machines, and gives one of the definition another endpoint", () => {
  const text = '{ "nodes": { "far": "ssh://elsewhere", "near": { "endpoint": "local" } } }';
  writeFileSync(join(folder, "host.conf"), text);
  const { conf, errors } = resolveNodes(
    confWith([], { far: { endpoint: "ssh://far", at }, third: { endpoint: "context:x", at } }),
    folder,
  );
  expect(errors).toEqual([]);
  const endpoints = Object.entries(conf.nodes ?? {}).map(([name, one]) => [name, one.endpoint]);
  expect(Object.fromEntries(endpoints)).toEqual({
    ...{ far: "ssh://elsewhere", third: "context:x", near: "local" },
  });
});

test("mistakes in host.conf are reported at their places", () => {
  const text =
    '{\n  "nodes": {\n    "a b": "local",\n    "far": { "endpoint": "ftp://x", "adress": "1" }\n  }\n}';
  writeFileSync(join(folder, "host.conf"), text);
  const { errors } = resolveNodes(confWith([], undefined), folder);
  expect(errors.map(({ message, at: place }) => [place?.line, message])).toEqual([
    [3, 'invalid node name "a b"'],
    [4, 'endpoint is "ftp://x"'],
    [4, 'unknown key "adress"'],
  ]);
  writeFileSync(join(folder, "host.conf"), '{ "nodes": ["local"] }');
  expect(
    resolveNodes(confWith([], undefined), folder).errors.map((error) => error.message),
  ).toEqual(["nodes in host.conf is not an object"]);
});
