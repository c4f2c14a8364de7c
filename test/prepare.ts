// Runs before every `bun test`: the sources import dist/assets.tar.zst, which a fresh checkout does not have.
import { afterAll, setDefaultTimeout } from "bun:test";
import { removeInstallation } from "./binary/support/reyns.ts";
import { removeSmallImage } from "./binary/support/small-image.ts";

// A busy machine is slower, not wrong; files whose tests take longer set more.
setDefaultTimeout(120_000);

afterAll(async () => {
  await removeInstallation();
  await removeSmallImage();
  // The Engine may be busy with the other files.
}, 300_000);

// scripts/test.sh has built everything already, and loading what does is slow.
if (process.env["REYNS_BUILT"] === undefined) {
  const { writeAssets } = await import("../scripts/assets.ts");
  await writeAssets();
}
