import type { ReceiptImage } from "../../../model/receipt.ts";
import { isSameImage, type ComparedContent } from "../../../plan/receipts/compare.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { findReceiptImage, type FoundImage } from "../../../runtime/receipts/images.ts";
import type { FoundContent } from "./content.ts";

/** By host names: images that an Engine has otherwise than under their names. */
export type AddedImages = ReadonlyMap<string, FoundImage>;

export function withImage(
  instance: FoundContent["instances"][number],
  added: AddedImages,
): FoundContent["instances"][number] {
  const image = added.get(instance.host);
  if (!image) return instance;
  const { id, content, digests } = image;
  const named = { name: instance.imageName, inputs: null, ...instance.image };
  return { ...instance, image: { ...named, id, content, digests: [...digests] } };
}

/** Finds images that were brought here without their names: by their ids, or by their digests in registries. */
export async function findUnnamedImages(
  { instances }: FoundContent,
  tested: ComparedContent,
  engines: ReadonlyMap<string, Engine>,
): Promise<AddedImages> {
  const before = new Map(tested.instances.map(({ host, image }) => [host, image]));
  const found = await Promise.all(
    instances.map(async ({ host, image }) => {
      const [wanted, engine] = [image ? undefined : before.get(host), engines.get(host)];
      const unnamed = wanted && engine && (await findUnnamed(wanted, engine));
      return unnamed && ([host, unnamed] as const);
    }),
  );
  return new Map(found.filter((entry) => entry !== undefined));
}

/** Finds on the caller's Engine what nodes have not, or have in another version. */
export async function findSent(
  { instances }: FoundContent,
  tested: ComparedContent,
  source: Engine | undefined,
): Promise<AddedImages> {
  if (!source) return new Map();
  const before = new Map(tested.instances.map(({ host, image }) => [host, image]));
  const lacking = instances.flatMap(({ host, image, imageName }) => {
    const wanted = before.get(host);
    return wanted && !isSameImage(image, wanted) ? [{ host, imageName, wanted }] : [];
  });
  const names = [...new Set(lacking.map(({ imageName }) => imageName))];
  const own = new Map(
    await Promise.all(
      names.map(async (name) => [name, await findReceiptImage(source, name)] as const),
    ),
  );
  return new Map(
    lacking.flatMap(({ host, imageName, wanted }) => {
      const image = own.get(imageName);
      return image && isSameImage(image, wanted) ? [[host, image] as const] : [];
    }),
  );
}

async function findUnnamed(
  { id, digests }: ReceiptImage,
  engine: Engine,
): Promise<FoundImage | undefined> {
  for (const reference of [id, ...digests]) {
    const image = await findReceiptImage(engine, reference);
    if (image) return image;
  }
  return undefined;
}
