import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { buildImage } from "../../../docker/images/build.ts";
import { shortImageName, findImage } from "../../../docker/images/images.ts";
import { ReynsError, type Place } from "../../../errors.ts";
import type { BuildImage } from "../../../model/steps.ts";
import { openAssets } from "../../../assets.ts";
import { packFolder } from "../../build/context.ts";
import { prepareInputHash, type InputHash } from "../../build/input-hash.ts";
import { createBuildOutput } from "../../build/output.ts";
import { diskFullHint } from "../../disk-full.ts";
import { cacheBuild, findCachedBuild } from "../../build/cache.ts";
import type { RuntimeContext } from "../../context.ts";
import type { FailedInstruction } from "../../build/listener.ts";

/** Builds an image; its progress is the instruction that runs. One that nothing has changed for is not built again. */
export async function buildStep(
  step: BuildImage,
  { engine, emit, signal, keysFolder }: RuntimeContext,
): Promise<string | undefined> {
  const output = createBuildOutput({
    onInstruction: (note) => emit({ kind: "progress", step, note }),
    onLine: (line) => emit({ kind: "output", step, line }),
  });
  const [before, begin] = await Promise.all([
    findImage(engine, step.image),
    prepareInputHash(step, engine),
  ]);
  const file = join(dirname(keysFolder), "builds.json");
  const known = step.cache && begin ? findCachedBuild(file, step.image) : undefined;
  if (known && known.id === before?.id && known.inputs === (await hashContext(step, begin)))
    return "up to date";
  const inputs = begin?.();
  const context = await openContext(step);
  try {
    const options = { ...step, tag: step.image, signal };
    const sent = inputs ? inputs.through(context) : context;
    const id = await buildImage(engine, sent, options, output.take);
    if (inputs && id !== undefined) cacheBuild(file, step.image, { id, inputs: inputs.digest() });
    return id !== undefined && id === before?.id ? "up to date" : undefined;
  } catch (error) {
    if (signal.aborted)
      throw new ReynsError("INTERRUPTED", `interrupted: ${step.image} was not built to its end`);
    throw toBuildError(step, error, output.failed());
  }
}

async function openContext({ context, dockerfile }: BuildImage): Promise<Readable> {
  return "folder" in context
    ? packFolder(context.folder, dockerfile)
    : openAssets(`images/${context.carried}`);
}

/** Reads what would be sent. */
async function hashContext(step: BuildImage, begin?: () => InputHash): Promise<string | undefined> {
  const inputs = begin?.();
  if (!inputs) return undefined;
  for await (const _ of inputs.through(await openContext(step)));
  return inputs.digest();
}

function toBuildError(
  step: BuildImage,
  error: unknown,
  { instruction, lines }: FailedInstruction,
): unknown {
  if (!(error instanceof ReynsError) || error.code !== "ENGINE_REFUSED") return error;
  const where = instruction === "" ? "" : ` at ${shortenInstruction(instruction)}`;
  const why = unwrapReason(error.message);
  const remedy = diskFullHint(`${why}\n${lines.join("\n")}`) ?? buildKitHint(why);
  return new ReynsError("BUILD_FAILED", `building ${step.image} failed${where}`, {
    hint: remedy === undefined ? why : `${why}\n${remedy}`,
    at:
      "folder" in step.context
        ? locateInstruction(instruction, why, join(step.context.folder, step.dockerfile))
        : undefined,
    output: lines,
    cause: error,
  });
}

/** The classic builder says so of an option that it does not know. */
function buildKitHint(why: string): string | undefined {
  if (!/requires BuildKit/i.test(why)) return undefined;
  return "DOCKER_BUILDKIT=1 in the environment builds with it";
}

/** What the builders wrap around the reason of a failure: the classic one, BuildKit in old and new words, Podman. */
function unwrapReason(message: string): string {
  return message
    .replace(/^the Docker Engine refused: /, "")
    .replace(/^failed to solve(?: with frontend \S+)?: /, "")
    .replace(/^failed to create LLB definition: /, "")
    .replace(/(requires BuildKit)\. Refer to [^]*$/, "$1")
    .replace(
      /^building at STEP "[^]*": while running runtime: exit status (\d+)\s*$/,
      "it ended with status $1",
    )
    .replace(/^The command '[^]*' returned a non-zero code: (\d+)$/, "it ended with status $1")
    .replace(
      /^(?:executor failed running|process) [^]*: exit code: (\d+)$/,
      "it ended with status $1",
    );
}

/** The place names its line, where all of it stands. */
function shortenInstruction(instruction: string): string {
  const text = instruction.replaceAll(/\s+/g, " ");
  return text.length <= 72 ? text : `${text.slice(0, 71)}…`;
}

/** The line of the Dockerfile on which an instruction begins, which may go on over several, or that the builder names. */
function locateInstruction(instruction: string, why: string, file: string): Place {
  const named = /^dockerfile parse error (?:on )?line (\d+):/i.exec(why)?.[1];
  if (named !== undefined) return { file, line: Number(named) };
  if (instruction === "" || !existsSync(file)) return { file };
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.replace(/\\?\s*$/, "").trim());
  const index = lines.findIndex(
    (line) => line !== "" && (matchesLine(instruction, line) || isSameBase(instruction, line)),
  );
  return index < 0 ? { file } : { file, line: index + 1 };
}

/** BuildKit names an instruction with its variables' values in their places. */
function matchesLine(instruction: string, line: string): boolean {
  const parts = line.split(/\$\w+|\$\{[^}]*\}/).map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join("[^]*")}`).test(instruction);
}

/** BuildKit says which image it looks for, with its tag, and not what else stands in that line. */
function isSameBase(instruction: string, line: string): boolean {
  const wanted = baseImageOf(instruction);
  return wanted !== undefined && wanted === baseImageOf(line);
}

/** `from --platform=linux/arm64 docker.io/library/debian:latest AS one` -> `debian` */
function baseImageOf(line: string): string | undefined {
  const image = /^FROM\s+(?:--\S+\s+)*(\S+)/i.exec(line)?.[1];
  return image && shortImageName(image).replace(/:latest$/, "");
}
