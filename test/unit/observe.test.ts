import { expect, test } from "bun:test";
import { parseRegistration } from "../../src/runtime/observe/instances.ts";
import { labels } from "../../src/model/labels.ts";

const own = { [labels.service]: "web", [labels.instance]: "one" };

test.each([[{}], [{ [labels.registration]: "" }], [{ [labels.registration]: "{not ours" }]])(
  "labels %j contain no registration",
  (other) => expect(parseRegistration({ ...own, ...other })).toBeUndefined(),
);

test("a registration has default settings where its label has none", () => {
  const registered = { server: "10.5.0.2", address: "10.5.0.3", policy: "APPEND" };
  expect(
    parseRegistration({ ...own, [labels.registration]: JSON.stringify(registered) }),
  ).toMatchObject({ ...registered, service: "web", instance: "one", zone: "local.zone", ttl: 5 });
});
