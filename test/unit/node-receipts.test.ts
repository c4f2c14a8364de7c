// What a receipt cannot compare on other machines, and what these get of the caller's images.
import { expect, test } from "bun:test";
import { mountErrors } from "../../src/cli/commands/run/tested-on-nodes.ts";
import { testedSends } from "../../src/plan/nodes/tested-sends.ts";
import type { Engine } from "../../src/runtime/connect.ts";

type Found = Parameters<typeof mountErrors>[0];

const found = {
  instances: [
    { host: "web-one", group: "near" },
    { host: "web-two", group: "far" },
  ],
  mountedBy: new Map([
    ["web-one", ["./site"]],
    ["web-two", ["./site", "./data"]],
  ]),
} as unknown as Found;
const engines = new Map([
  ["near", { local: true }],
  ["far", { local: false }],
] as unknown as [string, Engine][]);

function testedWith(free: readonly string[]): Parameters<typeof mountErrors>[1] {
  return { instances: [{ host: "web-two", free }] } as unknown as ReturnType<typeof testedWith>;
}

test("a mounted folder of another machine is refused, unless it was data for the tests", () => {
  const messages = (free: readonly string[]): string[] =>
    mountErrors(found, testedWith(free), engines).map(({ message }) => message);
  expect(messages(["content of ./data"])).toEqual([
    "far: web-two mounts ./site from the disk of that machine, where it cannot be compared",
  ]);
  expect(messages(["content of ./data", "content of ./site"])).toEqual([]);
});

test("nodes get tested images that they lack, and an older image of the keeper of leases, each once", () => {
  const image = (id: string) => ({ id, labels: {} });
  const keep = { kind: "keep-leases", spec: { image: "shop/dns" } };
  const start = { kind: "start-instance", spec: { image: "shop/web" } };
  const parts = [
    { node: "near", steps: [keep, start], images: new Map([["shop/dns:latest", image("new")]]) },
    { node: "far", steps: [keep, start], images: new Map([["shop/dns:latest", image("old")]]) },
  ] as unknown as Parameters<typeof testedSends>[0];
  const sends = testedSends(parts, {
    lacking: new Map([["far", ["shop/web:latest", "shop/web:latest"]]]),
    source: new Map([["shop/dns:latest", image("new")]]),
  });
  expect(sends.map(({ node, image: name, from }) => [node, name, from])).toEqual([
    ["far", "shop/web:latest", undefined],
    ["far", "shop/dns:latest", undefined],
  ]);
});
