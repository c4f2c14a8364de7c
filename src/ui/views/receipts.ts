import { basename } from "node:path";
import { shortId, type TestReceipt } from "../../model/receipt.ts";
import type { ReceiptDifference } from "../../plan/receipts/compare.ts";
import type { ExaminedReceipt } from "../../runtime/receipts/read.ts";
import { formatAge } from "../output/duration.ts";
import { sanitizeLine } from "../output/sanitize.ts";
import { formatTable } from "../output/table.ts";

const columns = [
  { title: "RECEIPT", shrinks: "last" },
  { title: "AGE" },
  { title: "CONF" },
  { title: "COMMIT", droppable: true },
  { title: "TESTS", droppable: true },
  { title: "IMAGES", droppable: true },
  { title: "SIGNATURE", colour: (text: string) => (text === "valid" ? "green" : "red") },
] as const;

/** A table of receipts, whether they count or not. */
export function formatReceipts(receipts: readonly ExaminedReceipt[]): string {
  return formatTable(
    columns,
    receipts.map(({ file, receipt, problem }) => [
      basename(file),
      ...(receipt ? receiptCells(receipt) : ["", "", "", "", ""]),
      problem ? "refused" : "valid",
    ]),
  );
}

function receiptCells({
  testedAt,
  conf,
  group,
  commit,
  clean,
  tests,
  images,
}: TestReceipt): string[] {
  return [
    formatAge((Date.now() - Date.parse(testedAt)) / 1000),
    group === null ? conf : `${conf} (${group})`,
    commitText({ commit, clean }),
    String(tests.length),
    String(images.length),
  ];
}

/** `1a2b3c4d5e6f`, with `+` where the tested files were not those of the commit. */
function commitText({ commit, clean }: Pick<TestReceipt, "commit" | "clean">): string {
  if (commit === null) return "-";
  return `${commit.slice(0, 12)}${clean === false ? "+" : ""}`;
}

/** One receipt under `--json`; what it says is null where it cannot be read. */
export function receiptToJson({ file, receipt, problem }: ExaminedReceipt): object {
  const { project, conf, group, testedAt, commit, clean, reyns, tests, images } = receipt ?? {};
  const said = { project, conf, group, testedAt, commit, clean, reyns };
  return {
    file,
    ...Object.fromEntries(Object.entries(said).map(([key, value]) => [key, value ?? null])),
    tests: tests ?? [],
    images: images?.map(({ name, id }) => ({ name, id })) ?? [],
    isValid: problem === undefined,
    problem: problem?.message ?? null,
  };
}

/** What two receipts say of how they came about. */
interface ReceiptChanges {
  readonly commits: readonly [from: string | null, to: string | null];
  readonly reyns: readonly [from: string, to: string];
  /** Names of tests that only one of them has. */
  readonly tests: { readonly added: readonly string[]; readonly removed: readonly string[] };
}

export function receiptChanges(from: TestReceipt, to: TestReceipt): ReceiptChanges {
  const [before, after] = [from, to].map(({ tests }) => tests.map(({ name }) => name));
  return {
    commits: [from.commit, to.commit],
    reyns: [from.reyns, to.reyns],
    tests: {
      added: after?.filter((name) => !before?.includes(name)) ?? [],
      removed: before?.filter((name) => !after?.includes(name)) ?? [],
    },
  };
}

/** The differences between two receipts, a line each. */
export function formatReceiptChanges(
  { commits, reyns, tests }: ReceiptChanges,
  differences: readonly ReceiptDifference[],
): string {
  const pairs = [
    ["commit", commits.map((commit) => commit?.slice(0, 12) ?? "unknown")],
    ["Reyns", reyns],
  ] as const;
  const lines = [
    ...pairs.flatMap(([name, [from, to]]) => (from === to ? [] : [`${name}: ${from} -> ${to}`])),
    ...tests.added.map((name) => `test "${name}" added`),
    ...tests.removed.map((name) => `test "${name}" removed`),
    ...differences.map(changeText),
  ];
  return lines.length === 0 ? "no differences" : lines.map(sanitizeLine).join("\n");
}

/** `web-one env MODE changed`, `web-one image shop/web:latest changed: sha256:… -> sha256:…` */
function changeText({ kind, subject, field, change, tested, here }: ReceiptDifference): string {
  const words = [subject, ...(kind === "image" || kind === "mode" ? [kind] : []), field];
  const name = words.filter(Boolean).join(" ");
  if (tested === undefined || here === undefined) return `${name} ${change}`;
  return `${name} ${change}: ${shortId(tested)} -> ${shortId(here)}`;
}
