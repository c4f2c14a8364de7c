import { expect, test } from "bun:test";
import { errorStatus, translateError } from "../../src/docker/client/errors.ts";
import { engineError } from "../../src/docker/client/http-error.ts";
import type { Engine } from "../../src/docker/client/engine.ts";

const engine = { endpoint: "unix:///engine.sock" } as Engine;

test.each([
  [404, '{"message":"No such container: web"}', 404],
  [500, '{"message":"the container name \\"web\\" is already in use by 1a2b"}', 409],
  [500, '{"message":"Container 1a2b is not running: Exited (1) Less than a second ago"}', 409],
  [
    500,
    '{"message":"can only create exec sessions on running containers: container state improper"}',
    409,
  ],
  [500, '{"message":"unrecognized image ID sha256:1a2b"}', 404],
  [500, '{"message":"container 1a2b does not exist in database: no such container"}', 404],
  [500, '{"message":"something else"}', 500],
])("the status of an error %d %s is %d", (status, text, expected) => {
  const error = engineError(status, text);
  expect(errorStatus(error)).toBe(expected);
  expect(errorStatus(translateError(engine, error))).toBe(expected);
});

test("an error that is not the Engine's has no status", () => {
  expect(errorStatus(new Error("not running"))).toBeUndefined();
});
