import { dirname } from "node:path";
import type { Engine } from "../../docker/client/engine.ts";
import { readRegularFile } from "../../docker/containers/copy.ts";
import { authorityFolder, otherAuthority } from "../../model/routes.ts";

const file = `${authorityFolder}/root.crt`;

/** That of the authority for public names, which Caddy makes; nothing else trusts it. */
const otherFile = `${dirname(authorityFolder)}/pki/authorities/${otherAuthority}/root.crt`;

/** Bytes; ours has less than two thousand. */
const longest = 16_384;

/**
 * The root certificate of a router's own authority, as the router has it: it may be anything. The router need not run.
 *
 * @returns undefined when there is none, or what is there is no regular file or too large
 */
export async function readRouterRoot(engine: Engine, id: string): Promise<string | undefined> {
  const content = await readRegularFile(engine, id, file, longest);
  return content?.toString("latin1");
}

/** The root certificates of all its own authorities, to check what it serves. */
export async function readRouterRoots(engine: Engine, id: string): Promise<string[]> {
  const contents = await Promise.all(
    [file, otherFile].map((path) => readRegularFile(engine, id, path, longest)),
  );
  return contents.flatMap((content) => content?.toString("latin1") ?? []);
}
