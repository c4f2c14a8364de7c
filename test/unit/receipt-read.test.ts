// A receipt counts only as it was signed, by this project's keys, in a format that this version understands.
import { expect, setDefaultTimeout, test } from "bun:test";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { receiptJsonSchema } from "../../scripts/receipt-schema.ts";
import type { ReynsError } from "../../src/errors.ts";
import { keysFolder } from "../../src/model/resource-names.ts";
import { receiptNamespace } from "../../src/model/receipt.ts";
import { createSshKey } from "../../src/runtime/keys/ssh-key.ts";
import { signMessage } from "../../src/runtime/keys/ssh-signature.ts";
import { ensureKeys, readKeys } from "../../src/runtime/keys/store.ts";
import { examineReceipt } from "../../src/runtime/receipts/read.ts";
import { listReceipts, readReceipt } from "../../src/runtime/receipts/store.ts";
import { signatureFile, writeSignedReceipt } from "../../src/runtime/receipts/write.ts";
import { seed } from "../support/seed.ts";
import { projectFolder } from "./support/project-folder.ts";
import { sampleReceipt } from "./support/receipts.ts";

setDefaultTimeout(60_000);

async function signedReceipt() {
  const project = await projectFolder({});
  const keys = keysFolder(project);
  await ensureKeys(keys);
  const file = await writeSignedReceipt(sampleReceipt(), project, keys);
  const { authority } = await readKeys(keys);
  const sign = async (text: string): Promise<void> => {
    await writeFile(file, text);
    await writeFile(
      signatureFile(file),
      signMessage(authority, receiptNamespace, Buffer.from(text)),
    );
  };
  return { project, file, authority, sign };
}

test("a receipt is read as it was written, and two of the same second have files of their own", async () => {
  const { project, file } = await signedReceipt();
  await using _ = project;
  expect((await readReceipt(file, project)).receipt).toEqual(sampleReceipt());
  expect((await readReceipt("latest", project)).file).toBe(file);
  const second = await writeSignedReceipt(sampleReceipt(), project, keysFolder(project));
  expect(second).not.toBe(file);
  expect((await listReceipts(project)).map(({ problem }) => problem)).toEqual([
    undefined,
    undefined,
  ]);
});

test("latest is the newest that counts, whatever its name is", async () => {
  const { project, file } = await signedReceipt();
  await using _ = project;
  const keys = keysFolder(project);
  const at = (testedAt: string, conf = "default") =>
    writeSignedReceipt(sampleReceipt({ testedAt, conf }), project, keys);
  const latest = async (conf?: string): Promise<string> =>
    (await readReceipt("latest", project, { project: "shop", conf })).file;
  const prod = await at("2026-03-01T12:00:00.000Z", "prod");
  const newest = await at("2026-05-01T12:00:00.000Z");
  const renamed = join(dirname(newest), "0-from-elsewhere.json");
  await rename(newest, renamed);
  await rename(signatureFile(newest), signatureFile(renamed));
  const forged = join(dirname(file), "99991231T235959Z.json");
  await writeFile(forged, JSON.stringify(sampleReceipt({ testedAt: "2030-01-01T00:00:00.000Z" })));
  await writeFile(signatureFile(forged), await readFile(signatureFile(file)));
  expect(await latest()).toBe(renamed);
  expect(await latest("prod")).toBe(prod);
  const order = (await listReceipts(project)).map((one) => one.file);
  expect(order).toEqual([file, prod, renamed, forged]);
  const refusal = (given: object): Promise<unknown> =>
    readReceipt("latest", project, given).catch(({ message, hint }: ReynsError) =>
      [message, hint ?? ""].join(" | "),
    );
  expect(await refusal({ project: "other" })).toContain("is not what was signed");
  await rm(forged);
  expect(await refusal({ conf: "none" })).toBe(
    'the conf "none" has no receipts here | write one with: reyns test conf=none; list those of others: reyns receipts',
  );
});

test("no receipt with a changed byte counts, and none throws", async () => {
  const { project, file, authority } = await signedReceipt();
  await using _ = project;
  const bytes = await readFile(file);
  const place = fc.nat({ max: bytes.length - 1 });
  const property = fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (at, change) => {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ change;
    await writeFile(file, damaged);
    expect(examineReceipt(file, authority).problem?.code).toBe("RECEIPT_REFUSED");
  });
  await fc.assert(property, { numRuns: 300, seed });
});

test("what is no receipt and no signature is refused with a reason", async () => {
  const { project, file, authority } = await signedReceipt();
  await using _ = project;
  const signature = await readFile(signatureFile(file));
  const property = fc.asyncProperty(
    fc.uint8Array({ maxLength: 300 }),
    fc.boolean(),
    async (bytes, isSignature) => {
      await writeFile(isSignature ? signatureFile(file) : file, bytes);
      expect(examineReceipt(file, authority).problem?.code).toBe("RECEIPT_REFUSED");
      await writeFile(signatureFile(file), signature);
    },
  );
  await fc.assert(property, { numRuns: 100, seed });
});

const problemOf = (file: string, authority: { publicKey: string }): string =>
  examineReceipt(file, authority).problem?.message ?? "none";

test("a missing signature, other keys and a newer format are told apart", async () => {
  const { project, file, authority, sign } = await signedReceipt();
  await using _ = project;
  const other = createSshKey("other");
  expect(problemOf(file, other)).toContain(`is signed with the key ${authority.fingerprint}`);
  expect(problemOf(file, other)).toContain('names the project "shop"');
  await sign(JSON.stringify({ ...sampleReceipt(), schema: 2, more: true }));
  expect(problemOf(file, authority)).toContain("is of a newer version of Reyns (schema 2)");
  await sign(JSON.stringify({ ...sampleReceipt(), tests: "none" }));
  expect(problemOf(file, authority)).toContain("is not a receipt");
  await rm(signatureFile(file));
  expect(problemOf(file, authority)).toContain(".json.sig does not exist");
  expect(problemOf(join(project.folder, "no.json"), authority)).toContain("does not exist");
});

test("the key that instances have signs no receipt", async () => {
  const { project, file, authority } = await signedReceipt();
  await using _ = project;
  const { user } = await readKeys(keysFolder(project));
  const text = await readFile(file);
  await writeFile(signatureFile(file), signMessage(user, receiptNamespace, text));
  expect(problemOf(file, authority)).toContain(`is signed with the key ${user.fingerprint}`);
  await writeFile(signatureFile(file), signMessage(authority, "file", text));
  expect(problemOf(file, authority)).toContain("is not what was signed");
});

test("docs/receipt.schema.json is the schema that receipts are read with", async () => {
  const file = Bun.file(join(import.meta.dir, "../../docs/receipt.schema.json"));
  expect(await file.json()).toEqual(JSON.parse(receiptJsonSchema()));
});

test("a receipt that nothing could read again is not written", async () => {
  const { project } = await signedReceipt();
  await using _ = project;
  const entry = { digest: "0".repeat(32), mode: "0644" };
  const long = "x".repeat(1_000_000);
  const names = Array.from({ length: 11 }, (_, index) => [`./${long}/${index}`, entry]);
  const receipt = sampleReceipt({
    files: Object.fromEntries(names) as Record<string, typeof entry>,
  });
  const written = writeSignedReceipt(receipt, project, keysFolder(project));
  expect(await written.catch((error: Error) => error.message)).toBe(
    "no receipt: it would have to list 11 mounted files",
  );
});
