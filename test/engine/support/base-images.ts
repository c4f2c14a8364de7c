import { reyns } from "../../binary/support/reyns.ts";
import { temporaryFolder } from "./images-container.ts";

export function imageName(name: "common" | "base" | "dns"): string {
  return `reyns/reyns-${name}`;
}

/** Builds the base images of dist/reyns, unless the Engine has them. */
export async function provideBaseImages(): Promise<void> {
  await using folder = await temporaryFolder();
  const { status, stderr } = await reyns(folder.path, "init");
  if (status !== 0) throw new Error(`the base images do not build:\n${stderr}`);
}
