import { join } from "node:path";
import { must, run } from "../../engine/support/images-container.ts";

const image = "postgres:17";
const standIn = "reyns-test/postgres";

/**
 * Sees to a `postgres:17` on the Engine. Where it is not there, real PostgreSQL from Debian stands in for it, until this
 * is disposed of. Needs `debian:bookworm-slim`.
 */
export async function providePostgres(): Promise<AsyncDisposable> {
  if ((await run(["docker", "image", "inspect", image])).status === 0)
    return { [Symbol.asyncDispose]: async () => {} };
  const folder = join(import.meta.dir, "../../fixtures/postgres");
  await must("docker", "build", "--quiet", "--tag", standIn, folder);
  await must("docker", "tag", standIn, image);
  return { [Symbol.asyncDispose]: async () => void (await must("docker", "rmi", image, standIn)) };
}
