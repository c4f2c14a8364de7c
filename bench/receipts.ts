// Measures receipts: single changed bytes that a run by receipt accepts, what it takes longer than a plain run, and the
// writing of a receipt. Needs a Docker Engine, busybox, and some minutes.
// Usage: bun bench/receipts.ts [--json] [--changes N] [--images N]     Exits with status 1 if a value exceeds its limit.
import { parseArgs } from "node:util";
import { importSmallImage, removeSmallImage } from "../test/binary/support/small-image.ts";
import { removeInstallation } from "../test/binary/support/reyns.ts";
import { countAccepted } from "./receipt-changes.ts";
import { compareRuns, timeWriting } from "./receipt-times.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    changes: { type: "string", default: "1000" },
    images: { type: "string", default: "50" },
  },
});

await importSmallImage();
const results = [
  ...(await countAccepted(Number(values.changes))),
  ...(await compareRuns()),
  await timeWriting(Number(values.images)),
].map((result) => ({ ...result, ok: result.limit === undefined || result.value <= result.limit }));
await removeSmallImage();
await removeInstallation();
for (const { name, value, limit, ok } of values.json ? [] : results) {
  const bound = limit === undefined ? "" : `<= ${limit}  ${ok ? "ok" : "OVER"}`;
  console.log(`${name.padEnd(52)}${value.toFixed(2).padStart(9)}  ${bound}`);
}
if (values.json) console.log(JSON.stringify(results, undefined, 2));
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
