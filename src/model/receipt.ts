import * as v from "valibot";

/** The namespace of a receipt's signature: what `ssh-keygen -Y verify -n` is given. */
export const receiptNamespace = "reyns-receipt@reyns.io";

/** Raised when a receipt says something that an earlier version of Reyns would not understand. */
export const receiptFormat = 1;

const digest = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{32}$/),
  v.description("HMAC-SHA-256 under the project's keys, the first 32 hexadecimal digits"),
);
const sha256 = v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/));
const parts = v.record(v.string(), digest);

const image = v.strictObject({
  name: v.pipe(v.string(), v.description("Its name in the definition, with a tag")),
  id: v.pipe(sha256, v.description("Its id on the Engine that ran the tests")),
  content: v.pipe(
    sha256,
    v.description("SHA-256 of its layers and settings, the same in every kind of image store"),
  ),
  digests: v.pipe(
    v.array(v.string()),
    v.description("NAME@sha256:… in registries; empty for an image that was never in one"),
  ),
  inputs: v.pipe(
    v.nullable(v.string()),
    v.description("Digest of everything that it was built from; null where it was not built here"),
  ),
});

const instance = v.strictObject({
  host: v.pipe(v.string(), v.description("SERVICE-INSTANCE")),
  service: v.string(),
  instance: v.string(),
  group: v.nullable(v.string()),
  image: v.pipe(sha256, v.description("Id of the image that it ran: one of images")),
  definition: v.pipe(parts, v.description("Each part of its definition, by name")),
  free: v.pipe(
    v.array(v.string()),
    v.description("What may differ between hosts, and is not compared"),
  ),
});

const file = v.union([
  v.strictObject({
    digest,
    mode: v.pipe(v.string(), v.regex(/^0[0-7]{3,4}$/), v.description("Its permissions, in octal")),
  }),
  v.strictObject({ link: v.pipe(v.string(), v.description("What a symbolic link leads to")) }),
]);

const test = v.strictObject({
  name: v.string(),
  milliseconds: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

/** What a receipt says. `docs/receipt.schema.json` is generated from it. */
export const receiptSchema = v.strictObject({
  schema: v.literal(receiptFormat),
  project: v.string(),
  conf: v.pipe(v.string(), v.description("The conf whose instances were tested")),
  group: v.pipe(
    v.nullable(v.string()),
    v.description("The group that was tested alone; null for the whole conf"),
  ),
  testedAt: v.pipe(v.string(), v.isoTimestamp(), v.description("When the tests had passed")),
  commit: v.pipe(
    v.nullable(v.pipe(v.string(), v.regex(/^[0-9a-f]{40,64}$/))),
    v.description("The commit of the project's folder; null where git cannot tell"),
  ),
  clean: v.pipe(
    v.nullable(v.boolean()),
    v.description("Whether the files were those of the commit; null where git cannot tell"),
  ),
  reyns: v.pipe(v.string(), v.description("Version of Reyns")),
  engine: v.strictObject({ version: v.string(), api: v.string() }),
  images: v.array(image),
  instances: v.array(instance),
  shared: v.pipe(parts, v.description("What the definition declares besides instances")),
  files: v.pipe(
    v.record(v.string(), file),
    v.description("The project's files that instances mount, by path"),
  ),
  tests: v.array(test),
});

export type TestReceipt = v.InferOutput<typeof receiptSchema>;
export type ReceiptImage = v.InferOutput<typeof image>;
export type ReceiptInstance = v.InferOutput<typeof instance>;
export type ReceiptFile = v.InferOutput<typeof file>;
export type PassedTest = v.InferOutput<typeof test>;

/** The part of a receipt that is compared. */
export type ReceiptContent = Pick<
  TestReceipt,
  "project" | "conf" | "group" | "images" | "instances" | "shared" | "files"
>;

/** `sha256:0123456789ab`, as people compare ids */
export function shortId(id: string): string {
  return id.replace(/^(sha256:[0-9a-f]{12})[0-9a-f]+$/, "$1");
}
