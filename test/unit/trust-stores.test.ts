import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planRemoval, planTrust, type TrustChange } from "../../src/install/trust/changes.ts";
import { findStores } from "../../src/install/trust/find-stores.ts";
import { runProgram } from "../../src/install/trust/programs.ts";
import {
  forgetStores,
  listTrustRecords,
  nameRoot,
  removeTrustRecord,
  writeTrustRecord,
  type TrustRecord,
} from "../../src/install/trust/record.ts";
import { parseRootCertificate } from "../../src/install/trust/root-certificate.ts";
import type { NamedRoot, TrustStore } from "../../src/install/trust/store.ts";
import { must } from "../engine/support/images-container.ts";
import { makeAuthority } from "./support/authority.ts";

setDefaultTimeout(60_000);

let pems: readonly string[];
beforeAll(async () => {
  await using one = await makeAuthority();
  await using other = await makeAuthority();
  pems = [one.pem, other.pem];
});

const homes: string[] = [];
afterAll(() => Promise.all(homes.map((home) => rm(home, { recursive: true }))));

interface User {
  readonly env: NodeJS.ProcessEnv;
  readonly stores: readonly TrustStore[];
}

const everything = { system: true, browsers: true };
const chromium = ".pki/nssdb";
const firefox = ".mozilla/firefox/abc.default";

/** A user whose browsers have these stores. */
async function createUser(...folders: readonly string[]): Promise<User> {
  const home = await mkdtemp(join(tmpdir(), "reyns-home-"));
  homes.push(home);
  for (const folder of folders) {
    await mkdir(join(home, folder), { recursive: true });
    await must("certutil", "-d", `sql:${join(home, folder)}`, "-N", "--empty-password");
  }
  const env = { HOME: home, PATH: process.env["PATH"] };
  return { env, stores: await findStores(env, { system: false, browsers: true }) };
}

function rootOf(index: number, project: string, env: NodeJS.ProcessEnv): NamedRoot {
  return nameRoot(project, parseRootCertificate(pems[index] ?? ""), env);
}

async function trust(root: NamedRoot, project: string, { env, stores }: User): Promise<number> {
  const { pem, fingerprint } = root;
  const places = stores.map(({ kind, place, owner }) => ({ kind, place, owner }));
  const record: TrustRecord = {
    ...{ schema: 1, project, origin: `/home/${project}`, fingerprint, pem },
    stores: places,
  };
  await writeTrustRecord(record, env);
  return apply(await planTrust(root, stores));
}

async function apply(changes: readonly TrustChange[]): Promise<number> {
  for (const argv of changes.flatMap(({ commands }) => commands))
    expect(await runProgram(argv)).toMatchObject({ status: 0 });
  return changes.length;
}

async function namesIn(user: User, folder: string): Promise<string> {
  return must("certutil", "-d", `sql:${join(user.env["HOME"] ?? "", folder)}`, "-L");
}

test("a root certificate goes into the stores of Chromium and of each profile of Firefox, once", async () => {
  const user = await createUser(chromium, firefox, ".mozilla/firefox/def.work");
  const root = rootOf(0, "shop", user.env);
  expect(user.stores.map(({ owner }) => owner)).toEqual(["Chromium", "Firefox", "Firefox"]);
  expect(await trust(root, "shop", user)).toBe(3);
  expect(await namesIn(user, chromium)).toMatch(/^reyns-shop-[0-9a-f]{8} +C,,/m);
  expect(await namesIn(user, firefox)).toMatch(/^reyns-shop-[0-9a-f]{8} +C,,/m);
  expect(await trust(root, "shop", user)).toBe(0);
});

test("taking out leaves what the user and other projects put in, and no file of its own", async () => {
  const user = await createUser(chromium);
  const [shop, blog] = [rootOf(0, "shop", user.env), rootOf(1, "blog", user.env)];
  await trust(shop, "shop", user);
  await trust(blog, "blog", user);
  const [first, second] = await listTrustRecords(user.env);
  if (!first || !second) throw new Error("a record is missing");
  expect(first.project).toBe("blog");
  expect(await apply(await planRemoval([second], everything, user.env))).toBe(1);
  await removeTrustRecord(second, user.env);
  const names = await namesIn(user, chromium);
  expect(names).toContain(blog.name);
  expect(names).not.toContain(shop.name);
  await removeTrustRecord(first, user.env);
  expect(await readdir(join(user.env["HOME"] ?? "", ".local/share/reyns"))).toEqual([]);
});

test("another certificate under the name of ours is neither trusted nor taken out", async () => {
  const user = await createUser(chromium);
  const [root, other] = [rootOf(0, "shop", user.env), rootOf(1, "shop", user.env)];
  await trust(root, "shop", user);
  const database = `sql:${join(user.env["HOME"] ?? "", chromium)}`;
  await must("certutil", "-d", database, "-D", "-n", root.name);
  const file = join(user.env["HOME"] ?? "", "other.crt");
  await Bun.write(file, other.pem);
  await must("certutil", "-d", database, "-A", "-t", "C,,", "-n", root.name, "-i", file);
  expect(await planRemoval(await listTrustRecords(user.env), everything, user.env)).toEqual([]);
  expect(await namesIn(user, chromium)).toContain(root.name);
});

test("a certificate that a browser has and does not trust gets trusted, and is taken out", async () => {
  const user = await createUser(chromium);
  const root = rootOf(0, "shop", user.env);
  await trust(root, "shop", user);
  const database = `sql:${join(user.env["HOME"] ?? "", chromium)}`;
  const withdraw = (): Promise<string> =>
    must("certutil", "-d", database, "-M", "-t", ",,", "-n", root.name);
  await withdraw();
  expect(await namesIn(user, chromium)).toMatch(/^reyns-shop-[0-9a-f]{8} +,,/m);
  expect(await trust(root, "shop", user)).toBe(1);
  expect(await namesIn(user, chromium)).toMatch(/^reyns-shop-[0-9a-f]{8} +C,,/m);
  await withdraw();
  expect(
    await apply(await planRemoval(await listTrustRecords(user.env), everything, user.env)),
  ).toBe(1);
});

test("a browser that is gone by now is passed over", async () => {
  const user = await createUser(chromium, firefox);
  await trust(rootOf(0, "shop", user.env), "shop", user);
  await rm(join(user.env["HOME"] ?? "", firefox), { recursive: true });
  expect(
    await apply(await planRemoval(await listTrustRecords(user.env), everything, user.env)),
  ).toBe(1);
});

test("a damaged record is passed over", async () => {
  const user = await createUser(chromium);
  await trust(rootOf(0, "shop", user.env), "shop", user);
  await Bun.write(join(user.env["HOME"] ?? "", ".local/share/reyns/trust/x.json"), "{");
  expect(await listTrustRecords(user.env)).toHaveLength(1);
});

test("stores that are left out keep the certificate, and the record keeps them", async () => {
  const user = await createUser(chromium);
  await trust(rootOf(0, "shop", user.env), "shop", user);
  const [made] = await listTrustRecords(user.env);
  if (!made) throw new Error("the record is missing");
  const system = { kind: "system", place: "/nowhere", owner: "the system" } as const;
  await writeTrustRecord({ ...made, stores: [system, ...made.stores] }, user.env);
  const remove = async (choice: typeof everything): Promise<number> => {
    const records = await listTrustRecords(user.env);
    const changes = await apply(await planRemoval(records, choice, user.env));
    for (const record of records) await forgetStores(record, choice, user.env);
    return changes;
  };
  const storesLeft = async (): Promise<TrustRecord["stores"]> =>
    (await listTrustRecords(user.env)).flatMap(({ stores }) => stores);
  expect(await remove({ system: true, browsers: false })).toBe(0);
  expect(await storesLeft()).toEqual(made.stores);
  await writeTrustRecord({ ...made, stores: [system, ...made.stores] }, user.env);
  expect(await remove({ system: false, browsers: true })).toBe(1);
  expect(await storesLeft()).toEqual([system]);
  expect(await remove(everything)).toBe(0);
  expect(await listTrustRecords(user.env)).toEqual([]);
});

test("a browser's store that cannot be read is an error, not one without the certificate", async () => {
  const user = await createUser(chromium);
  await trust(rootOf(0, "shop", user.env), "shop", user);
  const file = join(user.env["HOME"] ?? "", chromium, "cert9.db");
  const content = await readFile(file);
  await Bun.write(file, "damaged");
  const records = await listTrustRecords(user.env);
  await expect(planRemoval(records, everything, user.env)).rejects.toMatchObject({
    code: "TRUST_FAILED",
    output: [expect.stringContaining("SEC_ERROR_BAD_DATABASE")],
  });
  await Bun.write(file, content);
  expect(await apply(await planRemoval(records, everything, user.env))).toBe(1);
  expect(await planRemoval(records, everything, user.env)).toEqual([]);
});
