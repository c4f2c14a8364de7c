import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importImage, pullImage } from "../../../docker/images/images.ts";
import { ReynsError } from "../../../errors.ts";
import type { RootImage } from "../../../model/steps.ts";
import { createLineBuffer } from "../../../lib/last-lines.ts";
import type { RuntimeContext } from "../../context.ts";

/** What no service needs: a third of a Debian's size. */
const excludedPaths = [
  "/usr/share/doc/*",
  "/usr/share/man/*",
  "/usr/share/locale/*",
  "/usr/share/info/*",
];

/** From the given tar, else from a registry, else made here with mmdebstrap or debootstrap. */
export async function rootImageStep(step: RootImage, context: RuntimeContext): Promise<string> {
  if (step.rootfs !== undefined) {
    await importFrom(step, context, step.rootfs);
    return `from ${step.rootfs}`;
  }
  context.emit({ kind: "progress", step, note: "asking the registry" });
  try {
    await pullImage(context.engine, step.image, context.signal, (note) =>
      context.emit({ kind: "progress", step, note }),
    );
    return "from the registry";
  } catch (error) {
    if (context.signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted");
    if (!(error instanceof ReynsError) || error.code === "NO_ENGINE") throw error;
    return bootstrapImage(step, context, error);
  }
}

async function importFrom(
  { image }: RootImage,
  { engine }: RuntimeContext,
  file: string,
): Promise<void> {
  await importImage(engine, createReadStream(file), image);
}

async function bootstrapImage(
  step: RootImage,
  context: RuntimeContext,
  cause: ReynsError,
): Promise<string> {
  const tool = ["mmdebstrap", "debootstrap"].find((name) => Bun.which(name) !== null);
  if (tool === undefined) {
    throw new ReynsError(
      "NO_BASE_IMAGE",
      `${step.image} came from no registry, and this host has no mmdebstrap to make it`,
      {
        hint: "install it (Debian, Ubuntu: sudo apt-get install mmdebstrap), or give a root file system: reyns init rootfs=FILE",
        cause,
      },
    );
  }
  const folder = await mkdtemp(join(tmpdir(), "reyns-root-"));
  try {
    const tar = join(folder, "root.tar");
    await (tool === "mmdebstrap"
      ? mmdebstrap(tar, step, context)
      : debootstrap(folder, tar, step, context));
    await importFrom(step, context, tar);
    return `made here with ${tool}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Merged from the start: a package that merges it afterwards would bring in all of Perl, 48 MB. */
const mergedUsr = ["--include=usr-is-merged", "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr"];

const releaseOf = (image: string): string => /:(\w+)/.exec(image)?.[1] ?? "stable";

function mmdebstrap(tar: string, step: RootImage, context: RuntimeContext): Promise<void> {
  const excludes = excludedPaths.map((path) => `--dpkgopt=path-exclude=${path}`);
  const words = ["--variant=minbase", ...mergedUsr, ...excludes, releaseOf(step.image), tar];
  return runTool(["mmdebstrap", ...words], step, context);
}

async function debootstrap(
  folder: string,
  tar: string,
  step: RootImage,
  context: RuntimeContext,
): Promise<void> {
  const root = join(folder, "root");
  await runTool(["debootstrap", "--variant=minbase", releaseOf(step.image), root], step, context);
  await runTool(
    [
      "tar",
      "--numeric-owner",
      "-C",
      root,
      ...excludedPaths.map((path) => `--exclude=.${path}`),
      "-cf",
      tar,
      ".",
    ],
    step,
    context,
  );
}

async function runTool(
  command: string[],
  step: RootImage,
  { emit, signal }: RuntimeContext,
): Promise<void> {
  const recent = createLineBuffer(20);
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "pipe", signal });
  const decoder = new TextDecoder();
  for await (const chunk of child.stderr) {
    for (const line of decoder.decode(chunk, { stream: true }).split(/[\r\n]+/)) {
      if (line.trim() === "") continue;
      recent.add(line);
      emit({ kind: "progress", step, note: line.replace(/^I: /, "") });
    }
  }
  const status = await child.exited;
  if (status === 0) return;
  if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted");
  throw new ReynsError(
    "NO_BASE_IMAGE",
    `${command[0]} could not make ${step.image}: exit status ${status}`,
    {
      hint: "are Debian's packages reachable? A ready root file system also does: reyns init rootfs=FILE",
      output: recent.all(),
    },
  );
}
