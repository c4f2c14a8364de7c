import { createHash } from "node:crypto";
import { extensionOf, targets } from "../../../scripts/build.ts";

/** A static server with the folders of a project's releases. Executables are small shell scripts, unless given. */
export interface ReleaseServer extends AsyncDisposable {
  readonly url: string;
  /** Paths -> contents below `url`; a test may take some away or change them. */
  readonly files: Map<string, Uint8Array>;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  /** Puts a release there, and makes it the latest one. */
  publish(version: string, executable?: string | Uint8Array<ArrayBuffer>): void;
  /** Has other files on it during a check. */
  withFiles(files: Readonly<Record<string, Uint8Array>>, check: () => Promise<void>): Promise<void>;
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** An executable that knows its version, and what completes its words if it is given a folder with that. */
export function standIn(version: string, completion = "/dev/null"): string {
  return `#!/bin/sh
case $1 in
  version) echo "reyns ${version}" ;;
  completion) cat "${completion}/reyns.$2" 2>/dev/null ;;
  *) exit 2 ;;
esac
`;
}

export function serveReleases(): ReleaseServer {
  const files = new Map<string, Uint8Array>();
  const asked: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: ({ url }) => {
      const { pathname } = new URL(url);
      asked.push(pathname);
      const bytes = files.get(pathname);
      return bytes ? new Response(bytes.slice()) : new Response("no such file", { status: 404 });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    files,
    asked,
    publish: (version, executable = standIn(version)) => {
      const archive = Bun.gzipSync(Buffer.from(executable as string), { level: 1 });
      const names = targets.map((target) => `reyns-${version}-${target}${extensionOf(target)}.gz`);
      const sums = names.map((name) => `${sha256(archive)}  ${name}\n`).join("");
      for (const name of names) files.set(`/download/v${version}/${name}`, archive);
      for (const where of [`download/v${version}`, "latest/download"])
        files.set(`/${where}/SHA256SUMS`, Buffer.from(sums));
    },
    withFiles: async (others, check) => {
      const before = new Map(files);
      for (const [name, bytes] of Object.entries(others)) files.set(name, bytes);
      await check().finally(() => {
        files.clear();
        for (const [name, bytes] of before) files.set(name, bytes);
      });
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
