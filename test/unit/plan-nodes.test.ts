import { expect, test } from "bun:test";
import { defineInstance, type InstanceDefinition, type Project } from "../../src/model/project.ts";
import type { ObservedImage } from "../../src/model/observed.ts";
import type { Step } from "../../src/model/steps.ts";
import { labels } from "../../src/model/labels.ts";
import { differingImages } from "../../src/plan/nodes/differing-images.ts";
import { imagesAfterSending, sendsTo } from "../../src/plan/nodes/images.ts";
import { mergeNodePlans } from "../../src/plan/nodes/merge.ts";
import { selectionErrors } from "../../src/plan/nodes/selections.ts";
import { plainSelection, type Selection } from "../../src/plan/select/selection.ts";
import { valuesOnNode } from "../../src/plan/nodes/values.ts";

const at = { file: "reyns.ts" };
const nodes = ["one", "two"].map((name, index) => ({
  ...{ name, endpoint: `ssh://10.0.0.${index + 1}`, at },
}));
const service = (name: string, folder?: string): readonly [string, object] => [
  name,
  { name, folder, image: folder ? `shop/${name}` : `reyns/${name}`, parents: [] },
];

function projectOf(instances: readonly InstanceDefinition[]): Project {
  const services = new Map([service("reyns-dns"), service("web", "/shop/services/web")]);
  const conf = { name: "default", file: "reyns.ts", sequential: false, instances };
  return { name: "shop", folder: "/shop", origin: "/shop", conf, services } as unknown as Project;
}

function define(
  name: string,
  group: string,
  more: Partial<InstanceDefinition> = {},
): InstanceDefinition {
  return defineInstance({ service: name, instance: "a", group, at, ...more });
}

const toWeb = { service: "web", instance: "a" };
const shop = projectOf([
  define("reyns-dns", "one"),
  define("api", "one", { image: "x", after: [toWeb] }),
  define("web", "two", {
    links: [{ name: "dns", target: { service: "reyns-dns", instance: "a" } }],
  }),
  define("job", "two", {
    image: "x",
    links: [{ name: "my-api", target: { service: "api", instance: null } }],
  }),
]);

function start(host: string, image = "x", after: readonly string[] = []): Step {
  const step = { kind: "start-instance", id: `start ${host}`, title: host, host, after };
  return { ...step, spec: { image } } as unknown as Step;
}

const build = { kind: "build-image", id: "build shop/web", title: "shop/web", after: [] };
const buildWeb = build as unknown as Step;
const image = (id: string, values = {}): ObservedImage => ({ id, labels: values });
const none = new Map<string, ObservedImage>();

test("addresses of a node's own, of the DNS and of linked instances come from the nodes", () => {
  const [one, two] = nodes;
  if (!one || !two) throw new Error("no nodes");
  expect(valuesOnNode(shop, one, nodes)).toEqual({ SERVICE_IP: "10.0.0.1" });
  expect(valuesOnNode(shop, two, nodes)).toEqual({
    ...{ SERVICE_IP: "10.0.0.2", DNS_SERVICE_IP: "10.0.0.1", MY_API_SERVICE_IP: "10.0.0.1" },
  });
});

test("an instance waits for the DNS and for what it names on other nodes", () => {
  const steps = mergeNodePlans(
    [
      { node: "one", steps: [start("reyns-dns-a"), start("api-a")], images: none },
      { node: "two", steps: [start("web-a")], images: none },
    ],
    shop,
  );
  const waits = Object.fromEntries(steps.map(({ id, after }) => [id, after]));
  expect(waits).toEqual({
    "one: start reyns-dns-a": [],
    "one: start api-a": ["two: start web-a"],
    "two: start web-a": ["one: start reyns-dns-a"],
  });
});

test("instances of several nodes that wait for each other are named", () => {
  const parts = [
    { node: "one", steps: [start("api-a")], images: none },
    { node: "two", steps: [start("web-a", "x", ["start job-a"]), start("job-a")], images: none },
  ];
  expect(() => mergeNodePlans(parts, shop)).toThrow(
    "instances of several nodes wait for each other in a circle: api-a -> web-a -> job-a -> api-a",
  );
});

test("an image is built once, on the first node, and sent before anything starts", () => {
  const steps = mergeNodePlans(
    [
      { node: "one", steps: [start("api-a")], images: none },
      { node: "two", steps: [buildWeb, start("web-a", "shop/web", [buildWeb.id])], images: none },
    ],
    shop,
  );
  const [made, sent, ...others] = steps;
  expect(made).toMatchObject({ id: "one: build shop/web", node: "one" });
  expect(sent).toMatchObject({ kind: "send-image", from: "one", node: "two", image: "shop/web" });
  expect(sent?.after).toEqual(["one: build shop/web"]);
  for (const { after } of others)
    expect(after).toEqual(expect.arrayContaining([made?.id ?? "", sent?.id ?? ""]));
});

test("without the first node, nothing is built or sent, and its images stay the project's", () => {
  const definitions = Object.fromEntries(nodes.map(({ name, ...node }) => [name, node]));
  const spread = { ...shop, conf: { ...shop.conf, nodes: definitions } };
  const images = (id: string) => new Map([["shop/web:latest", image(id)]]);
  const part = (node: string, id: string, steps: readonly Step[]) => ({
    ...{ node, steps, images: images(id) },
  });
  const web = start("web-a", "shop/web");
  expect(() => mergeNodePlans([part("two", "old", [buildWeb, web])], spread)).toThrow(
    "cannot build shop/web without one: only the first node builds and pushes",
  );
  const kindsOf = (parts: Parameters<typeof mergeNodePlans>[0]): unknown[] =>
    mergeNodePlans(parts, spread).map(({ kind }) => kind);
  expect(kindsOf([part("two", "old", []), part("three", "new", [web])])).toEqual([
    "start-instance",
  ]);
  expect(kindsOf([part("one", "old", []), part("two", "new", [web])])).toContain("send-image");
});

test("what was built just now is sent wherever another image is, also one of the same files", () => {
  const bundled = (id: string) =>
    new Map([["reyns/x:latest", image(id, { [labels.assets]: "1" })]]);
  const wanting = ["one", "two"].map((node) => ({
    ...{ node, images: bundled(node), wanted: ["reyns/x"] },
  }));
  expect(sendsTo(wanting)).toEqual([]);
  expect(sendsTo(wanting, { isSame: (own, wanted) => own?.id === wanted.id })).toHaveLength(1);
});

test("an image is sent to a node that lacks it or has another one", () => {
  const first = { node: "one", steps: [], images: new Map([["shop/web:latest", image("new")]]) };
  const sentTo = (images: ReadonlyMap<string, ObservedImage>): number =>
    mergeNodePlans([first, { node: "two", steps: [start("web-a", "shop/web")], images }], shop)
      .length - 1;
  expect(sentTo(none)).toBe(1);
  expect(sentTo(new Map([["shop/web:latest", image("old")]]))).toBe(1);
  expect(sentTo(new Map([["shop/web:latest", image("new")]]))).toBe(0);
});

test("bundled images are the same where they are made from the same files", () => {
  const bundled = (id: string, assets: string): Map<string, ObservedImage> =>
    new Map([["reyns/reyns-dns:latest", image(id, { [labels.assets]: assets })]]);
  const first = { node: "one", steps: [], images: bundled("here", "1") };
  const sentTo = (images: ReadonlyMap<string, ObservedImage>): number =>
    mergeNodePlans(
      [first, { node: "two", steps: [start("dns-a", "reyns/reyns-dns")], images }],
      shop,
    ).length - 1;
  expect(sentTo(bundled("there", "1"))).toBe(0);
  expect(sentTo(bundled("there", "2"))).toBe(1);
});

test("a node is planned with the first node's built images, and with its own of others", () => {
  const own = new Map([
    ["shop/web:latest", image("old")],
    ["postgres:17", image("own")],
  ]);
  const first = new Map([
    ["shop/web:latest", image("new")],
    ["postgres:17", image("other")],
  ]);
  const planned = imagesAfterSending(shop, own, first);
  expect([...planned.values()].map(({ id }) => id)).toEqual(["new", "own"]);
});

test("ready images are compared between the nodes that run them", () => {
  const spread = projectOf([
    define("db", "one", { image: "postgres:17" }),
    define("replica", "two", { image: "postgres:17" }),
    define("cache", "one", { image: "redis" }),
  ]);
  const differing = (one: ObservedImage, two: ObservedImage): unknown =>
    differingImages(
      [one, two].map((own, index) => ({
        node: index === 0 ? "one" : "two",
        images: new Map([
          ["postgres:17", own],
          ["redis:latest", image(`redis ${index}`)],
        ]),
      })),
      spread,
    );
  const other = { image: "postgres:17", isBuilt: false, nodes: ["one", "two"] };
  expect(differing(image("old"), image("new"))).toEqual([other]);
  expect(differing(image("same"), image("same"))).toEqual([]);
  const pulled = { digests: ["sha256:1"] };
  expect(differing({ ...image("amd64"), ...pulled }, { ...image("arm64"), ...pulled })).toEqual([]);
  expect(differing({ ...image("amd64"), ...pulled }, image("arm64"))).toEqual([other]);
  const built = (id: string): Map<string, ObservedImage> =>
    new Map([["shop/web:latest", image(id)]]);
  const parts = [
    { node: "one", images: built("new") },
    { node: "two", images: built("old") },
  ];
  expect(differingImages(parts, shop)).toEqual([
    { image: "shop/web", isBuilt: true, nodes: ["one", "two"] },
  ]);
});

test("a call that no machine of it can carry out, or several could, is refused", () => {
  const spread = projectOf([
    define("web", "one"),
    defineInstance({ service: "web", instance: "b", group: "two", at }),
    define("api", "two", { image: "x" }),
  ]);
  const errorsOf = (given: Partial<Selection>, connected: readonly string[]): unknown[] =>
    selectionErrors([{ ...plainSelection("web"), ...given }], spread, {
      connected,
      all: ["one", "two"],
    }).map(({ message, hint }) => [message, hint]);
  const [both, one] = [["one", "two"], ["one"]];
  const elsewhere = (what: string): string =>
    `${what} is on none of the machines of this call: one`;
  expect(errorsOf({ instance: "new", isNew: true }, both)).toEqual([
    ["web is on several machines: one, two", "name the one that gets the new instance: node=one"],
  ]);
  expect(errorsOf({ instance: "new", isNew: true }, one)).toEqual([]);
  expect(errorsOf({ isNew: true, group: "two" }, both)).toEqual([]);
  expect(errorsOf({}, both)).toEqual([]);
  expect(errorsOf({ instance: "b" }, one)).toEqual([[elsewhere("web b"), "it belongs on two"]]);
  expect(errorsOf({ service: "all", group: "two" }, one)).toEqual([
    [elsewhere('the group "two"'), "it belongs on two"],
  ]);
  expect(errorsOf({ service: "other" }, one)).toEqual([
    [elsewhere("other"), expect.stringContaining("define it")],
  ]);
  expect(errorsOf({ service: "all" }, [])).toEqual([]);
});
