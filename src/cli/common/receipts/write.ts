import { ReynsError, throwAll } from "../../../errors.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import type { Project } from "../../../model/project.ts";
import {
  receiptFormat,
  type PassedTest,
  type TestReceipt,
  type ReceiptImage,
} from "../../../model/receipt.ts";
import { keysFolder } from "../../../model/resource-names.ts";
import { asDefined } from "../../../plan/receipts/as-defined.ts";
import { imageNameOf } from "../../../plan/receipts/definition-texts.ts";
import { selectInstances } from "../../../plan/select/select.ts";
import { plainSelection, type SelectedInstance } from "../../../plan/select/selection.ts";
import { engineVersion, type Engine } from "../../../runtime/connect.ts";
import { ensureKeys } from "../../../runtime/keys/store.ts";
import { changeSince } from "../../../runtime/receipts/mount-change.ts";
import { writeSignedReceipt } from "../../../runtime/receipts/write.ts";
import { readCommit } from "../../../runtime/versions/commit-state.ts";
import { build } from "../../../version.ts";
import { describeContent, type FoundContent } from "./content.ts";

/** A project whose tests have passed. */
export interface TestedProject {
  readonly engine: Engine;
  /** Of any copy: a receipt says nothing of the one that ran the tests. */
  readonly project: Project;
  /** The group that was tested alone. */
  readonly group?: string | undefined;
  /** The containers that ran, of whichever copy: the receipt names the images that they had. */
  readonly instances: readonly Pick<ObservedInstance, "host" | "imageId">[];
  /** Instances that are tests themselves, and run nowhere else. */
  readonly isTest?: ((selected: SelectedInstance) => boolean) | undefined;
  readonly tests: readonly PassedTest[];
  /** When the definition was read: a mounted file that is newer was not the one that was tested. */
  readonly startedAt: Date;
}

/**
 * Writes the receipt of a passing test into `.reyns/receipts`, signed with the project's keys.
 *
 * @returns its path
 * @throws ReynsErrors RECEIPT_REFUSED when files have changed meanwhile, or an image is gone
 */
export async function writeReceipt(tested: TestedProject): Promise<string> {
  const { engine, tests, startedAt } = tested;
  const project = asDefined(tested.project);
  const keys = keysFolder(project);
  await ensureKeys(keys);
  const [content, commit, version] = await Promise.all([
    describeTested({ ...tested, project }),
    readCommit(project.folder),
    engineVersion(engine),
  ]);
  throwAll([...changedErrors(content, startedAt), ...goneErrors(content)]);
  const { instances, ...rest } = content;
  const images = instances.flatMap(({ image }) => image ?? []);
  const receipt: TestReceipt = {
    schema: receiptFormat,
    project: rest.project,
    conf: rest.conf,
    group: rest.group,
    testedAt: new Date().toISOString(),
    ...commit,
    reyns: build.version,
    engine: version,
    images: uniqueImages(images),
    instances: instances.map(({ image, imageName: _name, ...instance }) => ({
      ...instance,
      image: image?.id ?? "",
    })),
    shared: rest.shared,
    files: rest.files,
    tests: tests.map(({ name, milliseconds }) => ({
      name,
      milliseconds: Math.round(milliseconds),
    })),
  };
  return writeSignedReceipt(receipt, project, keys);
}

function describeTested({
  engine,
  project,
  group,
  instances,
  startedAt,
  isTest = () => false,
}: TestedProject): Promise<FoundContent> {
  // As the tests and later runs start them: with what they need.
  const all = selectInstances(project, { ...plainSelection("all", group), deps: true });
  const selected = all.filter((one) => !isTest(one));
  const ran = new Map(instances.map(({ host, imageId }) => [host, imageId]));
  const imageOf = (one: SelectedInstance): string => ran.get(one.host) ?? imageNameOf(project, one);
  const engineOf = (): Engine => engine;
  return describeContent({ engineOf, project, group, selected, imageOf, startedAt });
}

function changedErrors({ changes, missing }: FoundContent, startedAt: Date): ReynsError[] {
  const changed = changeSince(changes, startedAt.getTime());
  const messages = [
    ...(changed ? [`no receipt: ${changed.path} has changed while the tests ran`] : []),
    ...missing.map((path) => `no receipt: ${path}, which instances mount, does not exist`),
  ];
  return messages.map((text) => new ReynsError("RECEIPT_REFUSED", text, { hint: "test again" }));
}

function goneErrors({ instances }: FoundContent): ReynsError[] {
  return instances.flatMap(({ host, image, imageName }) => {
    if (image) return [];
    const message = `no receipt: the Engine does not have ${imageName}, the image of ${host}`;
    return new ReynsError("RECEIPT_REFUSED", message, { hint: "test again" });
  });
}

function uniqueImages(images: readonly ReceiptImage[]): ReceiptImage[] {
  const unique = new Map(images.map((image) => [`${image.name} ${image.id}`, image]));
  return [...unique.values()];
}
