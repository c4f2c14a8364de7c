import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { createLineBuffer } from "../../lib/line-buffer.ts";
import { createLineSplitter } from "../../lib/line-splitter.ts";

interface Bootstrap {
  readonly image: string;
  readonly signal: AbortSignal;
  readonly onProgress: (note: string) => void;
  readonly importTar: (file: string) => Promise<void>;
  /** Why no registry has the image. */
  readonly pullError: ReynsError;
}

/** A third of a Debian's size, which no service needs. */
const excludedPaths = [
  "/usr/share/doc/*",
  "/usr/share/man/*",
  "/usr/share/locale/*",
  "/usr/share/info/*",
];

/**
 * Makes a minimal Debian on this host and imports it.
 *
 * @returns the tool that made it
 * @throws ReynsError NO_BASE_IMAGE, INTERRUPTED
 */
export async function bootstrapRootImage(bootstrap: Bootstrap): Promise<string> {
  const tool = (["mmdebstrap", "debootstrap"] as const).find((name) => Bun.which(name) !== null);
  if (tool === undefined) throw noToolError(bootstrap);
  const folder = await mkdtemp(join(tmpdir(), "reyns-root-"));
  try {
    const tar = join(folder, "root.tar");
    for (const command of commandsOf[tool](releaseOf(bootstrap.image), folder, tar))
      await runTool(command, bootstrap);
    await bootstrap.importTar(tar);
    return tool;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function noToolError({ image, pullError }: Bootstrap): ReynsError {
  const message = `no registry has ${image}, and mmdebstrap, which would make it here, is not installed`;
  return new ReynsError("NO_BASE_IMAGE", message, {
    hint: "install it (Debian, Ubuntu: sudo apt-get install mmdebstrap), or give a root file system: reyns init rootfs=FILE",
    cause: pullError,
  });
}

/** Merges /usr from the start: a package that merges it later would pull in all of Perl, 48 MB. */
const mergedUsr = ["--include=usr-is-merged", "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr"];

const commandsOf = {
  mmdebstrap: (release: string, _: string, tar: string): string[][] => {
    const excludes = excludedPaths.map((path) => `--dpkgopt=path-exclude=${path}`);
    return [["mmdebstrap", "--variant=minbase", ...mergedUsr, ...excludes, release, tar]];
  },
  debootstrap: (release: string, folder: string, tar: string): string[][] => {
    const root = join(folder, "root");
    const excludes = excludedPaths.map((path) => `--exclude=.${path}`);
    return [
      ["debootstrap", "--variant=minbase", release, root],
      ["tar", "--numeric-owner", "-C", root, ...excludes, "-cf", tar, "."],
    ];
  },
};

function releaseOf(image: string): string {
  return /:(\w+)/.exec(image)?.[1] ?? "stable";
}

async function runTool(command: string[], { image, signal, onProgress }: Bootstrap): Promise<void> {
  const recent = createLineBuffer(20);
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "pipe", signal });
  const lines = createLineSplitter((line) => {
    // Progress bars overwrite their line.
    for (const part of line.split("\r").filter((text) => text.trim() !== "")) {
      recent.add(part);
      onProgress(part.replace(/^I: /, ""));
    }
  });
  for await (const chunk of child.stderr) lines.push(chunk);
  lines.end();
  const status = await child.exited;
  if (status === 0) return;
  if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted");
  throw new ReynsError(
    "NO_BASE_IMAGE",
    `making ${image} failed: ${command[0]} exited with status ${status}`,
    {
      hint: "check that Debian's package mirrors are reachable, or give a root file system: reyns init rootfs=FILE",
      output: recent.all(),
    },
  );
}
