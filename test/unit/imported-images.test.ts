import { expect, test } from "bun:test";
import { labels } from "../../src/model/labels.ts";
import type { ObservedImage } from "../../src/model/observed.ts";
import { observed, plan, projectOf } from "./support/planning.ts";

/** What a run of web does about its image, when the Engine has that one. */
function stepsWith(image: Omit<ObservedImage, "id">): string[] {
  const seen = observed();
  const images = new Map([...seen.images, ["shop/web:latest", { id: "sha256:1", ...image }]]);
  const { steps } = plan(projectOf([{ service: "web" }]), { observed: { ...seen, images } });
  return steps.map(({ kind }) => kind).filter((kind) => kind === "build-image");
}

const cases: [string, Omit<ObservedImage, "id">, boolean][] = [
  ["of this folder", { labels: { [labels.folder]: "/home/me/shop" } }, false],
  ["of another folder of this machine", { labels: { [labels.folder]: "/home/you/shop" } }, true],
  [
    "that another Engine built from another folder",
    { labels: { [labels.folder]: "/ci/shop" }, isImported: true },
    false,
  ],
  ["of no folder", { labels: {} }, false],
];
test.each(cases)("an image %s is used or built: %j", (_, image, isBuilt) => {
  expect(stepsWith(image)).toEqual(isBuilt ? ["build-image"] : []);
});
