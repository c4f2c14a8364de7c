// Claims of copies that go with a call: what the next command takes for one.
import { expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { removeAbandonedCopies } from "../../src/cli/common/abandoned-copies.ts";
import {
  claimThrowAway,
  findAbandoned,
  throwAwayRecord,
} from "../../src/runtime/lock/throw-away.ts";
import { errorsIn, projectFolder, thrownBy } from "./support/project-folder.ts";

const unset = {
  DOCKER_HOST: null,
  DOCKER_CONTEXT: null,
  DOCKER_TLS_VERIFY: null,
  DOCKER_CERT_PATH: null,
  DOCKER_CONFIG: null,
  DATA_DIR: null,
};
const name = "test-abcd1234";
const claim = (content: unknown) => ({ [`.reyns/tests/${name}`]: JSON.stringify(content) });

/** The names and records of what is found, and left where it is. */
function foundIn(folder: string): (readonly [string, object])[] {
  return findAbandoned(folder).map(({ name: found, record, leave }) => {
    leave();
    return [found, record] as const;
  });
}

test("a claim remembers what selects the Engine and the data, also what is not set", () => {
  const env = { DOCKER_CERT_PATH: "/certs", DATA_DIR: "", HOME: "/root" };
  expect(throwAwayRecord("shop", env)).toEqual({
    project: "shop",
    env: { ...unset, DOCKER_CERT_PATH: "/certs", DATA_DIR: "" },
  });
});

test("a claim that is held is left alone, and its file goes with its release", async () => {
  await using project = await projectFolder({});
  const copy = claimThrowAway(project.folder, throwAwayRecord("shop", {}));
  expect(readdirSync(join(project.folder, ".reyns/tests"))).toEqual([copy.name]);
  expect(foundIn(project.folder)).toEqual([]);
  copy.release();
  expect(existsSync(join(project.folder, ".reyns/tests"))).toBe(false);
});

test("a claim of a killed call gives no other variables to the removal", async () => {
  const env = { DOCKER_HOST: "unix:///a.sock", LD_PRELOAD: "/evil.so", PATH: "/evil", DATA_DIR: 5 };
  await using project = await projectFolder(claim({ project: "shop", env }));
  expect(foundIn(project.folder)).toEqual([
    [name, { project: "shop", env: { ...unset, DOCKER_HOST: "unix:///a.sock" } }],
  ]);
});

test.each(["main", "test-", "test-abcd123", "test-ABCD1234", "test-abcd1234.swp", "live"])(
  "a file called %s claims no copy, and stays",
  async (wrong) => {
    const files = { [`.reyns/tests/${wrong}`]: JSON.stringify({ project: "shop", env: {} }) };
    await using project = await projectFolder(files);
    expect(foundIn(project.folder)).toEqual([]);
    await removeAbandonedCopies(project.folder);
    expect(readdirSync(join(project.folder, ".reyns/tests"))).toEqual([wrong]);
  },
);

test("a link and a folder claim no copy", async () => {
  await using project = await projectFolder({ claim: JSON.stringify({ project: "shop" }) });
  const tests = join(project.folder, ".reyns/tests");
  await mkdir(join(tests, "test-folder12"), { recursive: true });
  await symlink(join(project.folder, "claim"), join(tests, "test-link1234"));
  expect(foundIn(project.folder)).toEqual([]);
});

test("a link in place of .reyns/tests is refused, by commands and by reyns test", async () => {
  await using project = await projectFolder({ "elsewhere/file": "", ".reyns/keys": "" });
  await symlink(join(project.folder, "elsewhere"), join(project.folder, ".reyns/tests"));
  const thrown = await removeAbandonedCopies(project.folder).catch((error: unknown) => error);
  expect(errorsIn(thrown)).toMatchObject([{ code: "INVALID_PROJECT" }]);
  await unlink(join(project.folder, ".reyns/tests"));
  await removeAbandonedCopies(project.folder);
});

test.each(["", "{", "5"])("the claim %p of a call that had no copy yet goes", async (content) => {
  await using project = await projectFolder({ [`.reyns/tests/${name}`]: content });
  expect(foundIn(project.folder)).toEqual([]);
  expect(existsSync(join(project.folder, ".reyns/tests"))).toBe(false);
});

test("a place where no claim can be made is an error with its path", async () => {
  await using project = await projectFolder({ ".reyns/tests": "a file" });
  const path = join(project.folder, ".reyns/tests");
  const claimIt = (): unknown => claimThrowAway(project.folder, throwAwayRecord("shop", {}));
  const [error] = thrownBy(claimIt);
  expect(error).toMatchObject({
    code: "FILE_REFUSED",
    message: `cannot create ${path} (EEXIST)`,
  });
  await unlink(path);
  await mkdir(path);
  await writeFile(join(path, "main"), "");
  claimThrowAway(project.folder, throwAwayRecord("shop", {})).release();
  expect(readdirSync(path)).toEqual(["main"]);
});
