import { expect, test } from "bun:test";
import type { TestReceipt } from "../../src/model/receipt.ts";
import { asDefined } from "../../src/plan/receipts/as-defined.ts";
import { comparable, compareContent } from "../../src/plan/receipts/compare.ts";
import { definitionTexts } from "../../src/plan/receipts/definition-texts.ts";
import { differenceText } from "../../src/plan/receipts/difference-text.ts";
import { selectInstances } from "../../src/plan/select/select.ts";
import { plainSelection } from "../../src/plan/select/selection.ts";
import { projectOf } from "./support/planning.ts";
import { sampleReceipt } from "./support/receipts.ts";

function differences(here: Partial<TestReceipt>, tested: Partial<TestReceipt> = {}): string[] {
  const [one, other] = [tested, here].map((given) => comparable(sampleReceipt(given)));
  return one && other ? compareContent(one, other).map(differenceText) : [];
}

const [web, db] = sampleReceipt().instances as [
  TestReceipt["instances"][number],
  TestReceipt["instances"][number],
];
const [image] = sampleReceipt().images as [TestReceipt["images"][number]];
const other = `sha256:${"c".repeat(64)}`;

test("the same content is no difference, whatever the commit, the time and the tests are", () => {
  expect(differences({ commit: null, clean: null, tests: [], reyns: "9.9.9" })).toEqual([]);
  expect(differences({ instances: [{ ...web, free: [] }, db] })).toEqual([]);
});

test("an image with the same layers and settings is the same, under another id", () => {
  const renamed = { ...image, id: other };
  const same = {
    images: [renamed, ...sampleReceipt().images],
    instances: [{ ...web, image: other }, db],
  };
  expect(differences(same)).toEqual([]);
  expect(differences({ ...same, images: [{ ...renamed, content: other }] })[0]).toBe(
    "web-one: the image shop/web:latest is sha256:cccccccccccc; sha256:aaaaaaaaaaaa was tested",
  );
});

test("instances that ran the same image under two names name each its own", () => {
  const api = { ...web, host: "api-one", service: "api" };
  const images = (webId: string, apiId: string) => ({
    images: [
      { ...image, id: webId, content: webId },
      { ...image, id: apiId, content: apiId, name: "shop/api:latest" },
    ],
    instances: [
      { ...web, image: webId },
      { ...api, image: apiId },
    ],
  });
  const last = `sha256:${"d".repeat(64)}`;
  expect(differences(images(other, last), images(image.id, image.id))).toEqual([
    "web-one: the image shop/web:latest is sha256:cccccccccccc; sha256:aaaaaaaaaaaa was tested",
    "api-one: the image shop/api:latest is sha256:dddddddddddd; sha256:aaaaaaaaaaaa was tested",
  ]);
});

test("each kind of difference is named once", () => {
  const digest = "9".repeat(32);
  const here: Partial<TestReceipt> = {
    conf: "prod",
    instances: [{ ...web, definition: { ...web.definition, "env MODE": digest, user: digest } }],
    shared: {},
    files: { "./site/index.html": { link: "/etc/passwd" }, "./new": { digest, mode: "0644" } },
  };
  expect(differences(here)).toEqual([
    'the conf "default" was tested, and this is "prod"',
    "web-one: env MODE is not what was tested",
    "web-one: user is new since the tests",
    "db-one was tested, and is not defined here",
    "policy is missing here",
    "./site/index.html is a link to /etc/passwd; a file was tested",
    "./new is new since the tests",
  ]);
});

test("a file that instances wrote during the tests is data, and one that is gone is not", () => {
  const files = { "./rows.db": { digest: "9".repeat(32), mode: "0644" } };
  const written = { ...web, free: ["content of ./rows.db"] };
  expect(differences({ files }, { files: {}, instances: [written, db] })).toEqual([]);
  expect(differences({ files: {}, instances: [written, db] }, { files })).toEqual([
    "./rows.db is missing here",
  ]);
});

test("a definition is the same text in another folder, and names what each host decides", () => {
  const texts = (folder: string) => {
    const project = projectOf([
      {
        service: "web",
        image: "nginx",
        volumes: [`${folder}/site:/site:ro`, "./conf:/conf:ro"],
        env: {
          A: { kind: "text", text: "from_eth0" },
          B: { kind: "required", secret: true, description: undefined },
          C: { kind: "text", text: folder },
        },
        ports: [{ container: 80, host: folder.length, protocol: "tcp" }],
      },
    ]);
    const moved = { ...project, folder, dataFolder: `${folder}/data` };
    const [selected] = selectInstances(moved, plainSelection("all"));
    return selected && definitionTexts(moved, selected);
  };
  const [here, there] = [texts("/home/me/shop"), texts("/srv/shop")];
  expect(here?.free).toEqual(["env A", "env B", "host port of 80/tcp", "addresses"]);
  expect(here?.parts["volumes"]).toBe(there?.parts["volumes"] as string);
  expect(here?.parts["ports"]).toBe(there?.parts["ports"] as string);
  // A value is a value, though it looks like a path.
  expect(here?.parts["env C"]).not.toBe(there?.parts["env C"] as string);
});

test("SSH that is published since the tests is a difference, and its port is none", () => {
  const texts = (publishSshOn: number | undefined, call?: number) => {
    const project = projectOf([{ service: "web", image: "nginx", publishSshOn }]);
    const selection = { ...plainSelection("all"), publishSshOn: call };
    const [selected] = selectInstances(project, selection);
    return selected && definitionTexts(project, selected);
  };
  expect(texts(undefined)?.parts).not.toHaveProperty("publishSshOn");
  expect(texts(2222)?.parts).toEqual(texts(2223)?.parts ?? {});
  expect(texts(2222)?.parts).toEqual(texts(undefined, 2224)?.parts ?? {});
  expect(texts(undefined, 2222)).toMatchObject({ parts: { publishSshOn: "true" } });
  expect(texts(2222)?.free).toContain("host port of SSH");
});

test("a secondary DNS is the same wherever the machine of the first one is", () => {
  const texts = (address: string) => {
    const env = { DNS_PRIMARY: { kind: "text", text: address } } as const;
    const project = projectOf([{ service: "reyns-dns", instance: "two", env }]);
    const [selected] = selectInstances(project, plainSelection("all"));
    return selected && definitionTexts(project, selected);
  };
  expect(texts("10.0.0.1")).toEqual(texts("10.0.0.2"));
  expect(texts("10.0.0.1")?.free).toContain("env DNS_PRIMARY");
});

test("instances without a name are the same at each run", () => {
  const project = projectOf([
    { service: "web", image: "nginx", instance: undefined },
    { service: "web", image: "nginx", instance: "two" },
    { service: "web", image: "nginx", instance: undefined },
  ]);
  const hosts = () =>
    selectInstances(asDefined(project), plainSelection("all")).map(({ host }) => host);
  expect(hosts()).toEqual(["web-any-1", "web-two", "web-any-2"]);
  expect(hosts()).toEqual(hosts());
});
