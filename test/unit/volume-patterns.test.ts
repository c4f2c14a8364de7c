// Which volumes the names in a call mean.
import { expect, test } from "bun:test";
import { chooseVolumes } from "../../src/cli/commands/volumes/list.ts";

const volumeOf = (name: string, shortName = name) => ({
  ...{ name, shortName, users: [], createdAt: undefined },
});
/** The definition calls the second one as the Engine calls the first. */
const volumes = [volumeOf("shop-1-data", "data"), volumeOf("old-data"), volumeOf("stored")];
const declared = { data: { name: "old-data" }, own: { name: "stored" } };
const chosen = async (...patterns: string[]): Promise<string[]> =>
  (await chooseVolumes(patterns, volumes, async () => declared as never)).map(({ name }) => name);

test("what a name means does not depend on the others in the call", async () => {
  expect(await chosen("data")).toEqual(["shop-1-data"]);
  expect(await chosen("own")).toEqual(["stored"]);
  expect(await chosen("data", "own")).toEqual(["shop-1-data", "stored"]);
});

test("the definition is not read for names that match without it", async () => {
  const unread = (): Promise<never> => Promise.reject(new Error("was read"));
  expect(await chooseVolumes(["stored", "d*"], volumes, unread)).toHaveLength(2);
});

test("a name without a match says that the definition could not be read", async () => {
  const broken = (): Promise<never> => Promise.reject(new Error("mistakes"));
  const refused = chooseVolumes(["own"], volumes, broken);
  await expect(refused).rejects.toMatchObject({
    code: "UNKNOWN_VOLUME",
    hint: expect.stringContaining("could not be read: reyns check"),
  });
});
