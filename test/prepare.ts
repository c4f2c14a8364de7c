// Runs before every `bun test`: the sources import dist/assets.tar, which a fresh checkout does not have.
import { writeAssets } from "../scripts/assets.ts";

await writeAssets();
