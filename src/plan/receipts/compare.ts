import type {
  ReceiptContent,
  ReceiptFile,
  ReceiptImage,
  ReceiptInstance,
  TestReceipt,
} from "../../model/receipt.ts";
import { isAtOrBelow } from "./mounted.ts";

/** One way in which what was tested and what is here differ. */
export interface ReceiptDifference {
  readonly kind: "conf" | "instance" | "image" | "definition" | "file" | "mode" | "shared";
  /** Host name of the instance, or path of the file. */
  readonly subject: string;
  /** The part of the definition, or the name of the image. */
  readonly field?: string;
  readonly change: "added" | "removed" | "changed";
  /** What may be shown: ids of images, permissions, targets of links. */
  readonly tested?: string;
  readonly here?: string;
  /** Both images were built here, from other files. */
  readonly isRebuilt?: boolean;
}

/** An instance with the image that it has; undefined where that is not there. */
export interface ComparedInstance extends Omit<ReceiptInstance, "image"> {
  readonly image: ReceiptImage | undefined;
  readonly imageName: string;
}

/** A receipt, or what is here. */
export interface ComparedContent extends Omit<ReceiptContent, "images" | "instances" | "project"> {
  readonly instances: readonly ComparedInstance[];
  /** Paths that its instances mount; undefined when all files of the other one count. */
  readonly mounted?: readonly string[] | undefined;
}

/** A receipt in the form in which it is compared. */
export function comparable(receipt: TestReceipt): ComparedContent {
  const images = new Map(receipt.images.map((image) => [image.id, image]));
  const instances = receipt.instances.map(({ image: id, ...instance }) => {
    const image = images.get(id);
    return { ...instance, image, imageName: image?.name ?? id };
  });
  return { ...receipt, instances };
}

/** Every difference between what was tested and what is here, in the order of the receipt. */
export function compareContent(
  tested: ComparedContent,
  here: ComparedContent,
): ReceiptDifference[] {
  return [
    ...(tested.conf === here.conf
      ? []
      : [changed("conf", "conf", { tested: tested.conf, here: here.conf })]),
    ...compareInstances(tested.instances, here.instances),
    ...compareParts("shared", "", tested.shared, here.shared),
    ...compareFiles(tested, here),
  ];
}

function compareInstances(
  tested: readonly ComparedInstance[],
  here: readonly ComparedInstance[],
): ReceiptDifference[] {
  const now = new Map(here.map((instance) => [instance.host, instance]));
  const before = new Set(tested.map(({ host }) => host));
  const common = tested.flatMap((instance): ReceiptDifference[] => {
    const { host, definition } = instance;
    const other = now.get(host);
    if (!other) return [{ kind: "instance", subject: host, change: "removed" }];
    return [
      ...compareImages(instance, other),
      ...compareParts("definition", host, definition, other.definition),
    ];
  });
  const added = here.filter(({ host }) => !before.has(host));
  return [
    ...common,
    ...added.map(({ host }) => ({ kind: "instance", subject: host, change: "added" }) as const),
  ];
}

/** The same layers and settings are the same image, whatever the Engine calls it. */
export function isSameImage(
  one: Pick<ReceiptImage, "id" | "content"> | undefined,
  other: Pick<ReceiptImage, "id" | "content">,
): boolean {
  return one?.id === other.id || one?.content === other.content;
}

function compareImages(tested: ComparedInstance, here: ComparedInstance): ReceiptDifference[] {
  const [before, now] = [tested.image, here.image];
  if (before && isSameImage(now, before)) return [];
  const { inputs = null } = before ?? {};
  const isRebuilt = inputs !== null && now?.inputs != null && now.inputs !== inputs;
  // A receipt names each image once, also where instances have the same one under names of their own.
  const difference = { kind: "image", subject: tested.host, field: here.imageName } as const;
  const ids = { ...(before && { tested: before.id }), ...(now && { here: now.id }) };
  return [{ ...difference, ...ids, change: now ? "changed" : "removed", isRebuilt }];
}

function compareParts(
  kind: "definition" | "shared",
  subject: string,
  tested: Readonly<Record<string, string>>,
  here: Readonly<Record<string, string>>,
): ReceiptDifference[] {
  const parts = [...new Set([...Object.keys(tested), ...Object.keys(here)])];
  return parts
    .filter((field) => tested[field] !== here[field])
    .map((field) => ({ kind, subject, field, change: changeOf(tested[field], here[field]) }));
}

function changeOf(tested: unknown, here: unknown): ReceiptDifference["change"] {
  if (tested === undefined) return "added";
  return here === undefined ? "removed" : "changed";
}

function compareFiles(tested: ComparedContent, here: ComparedContent): ReceiptDifference[] {
  const { mounted } = here;
  // What was data for the tests is data here; nothing else becomes data by not being there.
  const data = new Set(tested.instances.flatMap(({ free }) => free));
  const isMounted = (path: string): boolean =>
    mounted === undefined || mounted.some((root) => isAtOrBelow(path, root));
  const paths = [...new Set([...Object.keys(tested.files), ...Object.keys(here.files)])];
  return paths
    .filter((path) => isMounted(path) && !data.has(contentOf(path)))
    .flatMap((path) => compareFile(path, tested.files[path], here.files[path]));
}

/** How an instance's list of what is free names a file or folder. */
export function contentOf(path: string): string {
  return `content of ${path}`;
}

function compareFile(
  subject: string,
  tested: ReceiptFile | undefined,
  here: ReceiptFile | undefined,
): ReceiptDifference[] {
  if (!tested || !here) return [{ kind: "file", subject, change: changeOf(tested, here) }];
  const links = [linkOf(tested), linkOf(here)] as const;
  if (!("digest" in tested && "digest" in here)) {
    if (links[0] === links[1]) return [];
    return [changed("file", subject, { tested: links[0], here: links[1] })];
  }
  const content = tested.digest === here.digest ? [] : [changed("file", subject, {})];
  const modes = { tested: tested.mode, here: here.mode };
  return [...content, ...(tested.mode === here.mode ? [] : [changed("mode", subject, modes)])];
}

function linkOf(file: ReceiptFile): string {
  return "link" in file ? `a link to ${file.link}` : "a file";
}

function changed(
  kind: ReceiptDifference["kind"],
  subject: string,
  values: Pick<ReceiptDifference, "tested" | "here">,
): ReceiptDifference {
  return { kind, subject, change: "changed", ...values };
}
