import { must } from "../../engine/support/images-container.ts";

/** Docker 20.10 has an early BuildKit, and words of its own; scripts/on-engine.sh runs the tests on others. */
export async function isDocker2010(): Promise<boolean> {
  const version = await must("docker", "version", "--format", "{{.Server.Version}}");
  return version.startsWith("20.10.");
}
