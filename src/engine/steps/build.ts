import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage } from "../../docker/images.ts";
import { ReynsError, type Place } from "../../errors.ts";
import type { BuildImage } from "../../plan/steps.ts";
import { openAssets } from "../../assets.ts";
import { packFolder } from "../build-context.ts";
import { diskFullHint } from "../disk-full.ts";
import type { Context } from "../execute.ts";
import { lastLines } from "../last-lines.ts";

/** Lines about the builder's containers and layers, of no use to whoever looks for a mistake. */
const buildersOwn = /^(?: ---> |Removing intermediate container )/;

/** Builds an image; its progress is the instruction that runs. */
export async function buildStep(
  step: BuildImage,
  { engine, emit, signal }: Context,
): Promise<string | undefined> {
  const recent = lastLines(20);
  let instruction = "";
  let cached = true;
  const context =
    "folder" in step.context
      ? await packFolder(step.context.folder, step.dockerfile)
      : openAssets(`images/${step.context.carried}`);
  const options = {
    tags: [step.image],
    dockerfile: step.dockerfile,
    arguments: step.arguments,
    labels: step.labels,
    target: step.target,
    cache: step.cache,
    bases: "folder" in step.context ? basesIn(join(step.context.folder, step.dockerfile)) : [],
    signal,
  };
  try {
    await buildImage(engine, context, options, (line) => {
      if (!buildersOwn.test(line)) recent.add(line);
      emit({ kind: "output", step, line });
      if (line.startsWith(" ---> Running in")) cached = false;
      if (!/^Step \d+\/\d+ : /.test(line)) return;
      instruction = line;
      recent.clear();
      emit({ kind: "progress", step, note: withoutCount(line) });
    });
  } catch (error) {
    if (signal.aborted)
      throw new ReynsError("INTERRUPTED", `interrupted: ${step.image} was not built to its end`);
    throw failure(step, error, instruction, recent.all());
  }
  return cached ? "up to date" : undefined;
}

function failure(
  step: BuildImage,
  error: unknown,
  instruction: string,
  output: readonly string[],
): unknown {
  if (!(error instanceof ReynsError) || error.code === "NO_ENGINE") return error;
  const what = withoutCount(instruction);
  const where = what === "" ? "" : ` at ${inShort(what)}`;
  const why = error.message
    .replace(/^the Docker Engine refused: /, "")
    .replace(/^The command '[^]*' returned a non-zero code: (\d+)$/, "it ended with status $1");
  const full = diskFullHint(`${why}\n${output.join("\n")}`);
  return new ReynsError("BUILD_FAILED", `building ${step.image} failed${where}`, {
    hint: full === undefined ? why : `${why}\n${full}`,
    at:
      "folder" in step.context
        ? placeOf(what, join(step.context.folder, step.dockerfile))
        : undefined,
    output,
    cause: error,
  });
}

/** The place names its line, where all of it stands. */
function inShort(instruction: string): string {
  const text = instruction.replaceAll(/\s+/g, " ");
  return text.length <= 72 ? text : `${text.slice(0, 71)}…`;
}

/** The images of a Dockerfile's FROM lines, its own stages among them, which no registry is asked for. */
function basesIn(file: string): string[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").matchAll(/^\s*FROM\s+(?:--\S+\s+)*(\S+)/gim);
  return [...new Set([...lines].flatMap(([, image]) => image ?? []))];
}

/** The instruction alone: the builder counts our labels as steps, too. */
function withoutCount(line: string): string {
  return line.replace(/^Step \d+\/\d+ : /, "");
}

/** The line of the Dockerfile on which an instruction begins, which may go on over several. */
function placeOf(instruction: string, file: string): Place {
  if (instruction === "" || !existsSync(file)) return { file };
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.replace(/\\?\s*$/, "").trim());
  const index = lines.findIndex((line) => line !== "" && instruction.startsWith(line));
  return index < 0 ? { file } : { file, line: index + 1 };
}
