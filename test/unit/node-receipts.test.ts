// What a receipt cannot compare on other machines, and what these get of the caller's images.
import { expect, test } from "bun:test";
import { mountErrors } from "../../src/cli/commands/run/tested-on-nodes.ts";
import { testedSends } from "../../src/plan/nodes/tested-sends.ts";
import { testedPart } from "../../src/plan/receipts/tested-part.ts";
import { plainSelection } from "../../src/plan/select/selection.ts";
import type { Engine } from "../../src/runtime/connect.ts";
import { replacedError } from "../../src/runtime/delivery/require-tested.ts";

const tested = { id: "tested", content: "sha256:1" };

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
    lacking: new Map([["far", new Map([["shop/web:latest", tested]])]]),
    source: new Map([["shop/dns:latest", image("new")]]),
  });
  expect(sends.map((send) => [send.node, send.image, send.from, send.tested])).toEqual([
    ["far", "shop/web:latest", undefined, tested],
    ["far", "shop/dns:latest", undefined, undefined],
  ]);
});

test("an image that got the name of a tested one since the comparison is not sent", () => {
  const step = { image: "shop/web:latest", from: undefined, tested };
  const messages = (id?: string): string[] =>
    replacedError(
      step as unknown as Parameters<typeof replacedError>[0],
      new Map(id === undefined ? [] : [["shop/web:latest", { id }]]),
    ).map(({ message }) => message);
  expect(messages("tested")).toEqual([]);
  expect(messages("newer")).toEqual([
    "shop/web:latest stands for newer now on your own Engine; the receipt was compared with tested",
  ]);
  expect(messages()).toEqual([
    "shop/web:latest is gone on your own Engine; the receipt was compared with tested",
  ]);
});

test("an instance that is defined no more is a difference, unless the call leaves its node out", () => {
  const instances = [
    { host: "web-one", group: "near" },
    { host: "worker-one", group: "far" },
  ];
  const receipt = { instances } as unknown as Parameters<typeof testedPart>[0];
  const hosts = (leftOut: readonly string[], service = "all", group?: string): string[] =>
    testedPart(receipt, [{ host: "web-one" }], {
      selections: [plainSelection(service, group)],
      leftOut: new Set(leftOut),
    }).instances.map(({ host }) => host);
  expect(hosts([])).toEqual(["web-one", "worker-one"]);
  expect(hosts(["far"])).toEqual(["web-one"]);
  expect(hosts([], "all", "far")).toEqual(["web-one", "worker-one"]);
  expect(hosts([], "all", "near")).toEqual(["web-one"]);
  expect(hosts([], "web")).toEqual(["web-one"]);
});
