import { existsSync } from "node:fs";
import { join } from "node:path";
import { errorWith, inside, ReynsError, type Place } from "../../errors.ts";
import type { BuildImage } from "../../model/build-image.ts";
import { diskFullHint } from "../disk-full.ts";
import type { FailedInstruction } from "./listener.ts";
import { findMissingBase, imagesIn } from "./missing-base.ts";
import { readRegularFile } from "../../lib/read-regular-file.ts";

/**
 * BUILD_FAILED with the line of the Dockerfile and the last output; errors of another kind stay as they are.
 *
 * @param known names of the images on the Engine
 */
export function toBuildError(
  step: BuildImage,
  error: unknown,
  failed: FailedInstruction,
  known: readonly string[],
): unknown {
  if (!(error instanceof ReynsError)) return error;
  const place = (...path: string[]): Place | undefined => step.at && inside(step.at, ...path);
  if (error.code === "INVALID_VALUE") return errorWith(error, { at: error.at ?? place("build") });
  if (error.code !== "ENGINE_REFUSED") return error;
  const reason = unwrapReason(error.message);
  const base = findMissingBase(step, failed.instruction, reason, known);
  const instruction = failed.instruction || fromLine(base?.image ?? invalidBase(reason));
  const lines = base ? [...failed.lines, reason] : failed.lines;
  const where = instruction === "" ? "" : ` at ${shortenInstruction(instruction)}`;
  const missing = explainMissingFile(step, instruction, reason);
  const remedy = diskFullHint(`${reason}\n${lines.join("\n")}`) ?? buildKitHint(reason);
  const file =
    "folder" in step.context && (step.dockerfileText === undefined || step.addedStages)
      ? join(step.context.folder, step.dockerfile)
      : undefined;
  return new ReynsError("BUILD_FAILED", `building ${step.image} failed${where}`, {
    hint: base?.hint ?? missing ?? (remedy === undefined ? reason : `${reason}\n${remedy}`),
    at:
      file === undefined
        ? place("build", "dockerfileInline")
        : locateInstruction(instruction, inFile(reason, step), file),
    output: lines,
    cause: error,
  });
}

/** What BuildKit does not read as the name of an image or a stage. */
function invalidBase(reason: string): string | undefined {
  return /^failed to parse stage name "(.+?)": /.exec(reason)?.[1];
}

function fromLine(image: string | undefined): string {
  return image === undefined ? "" : `FROM ${image}`;
}

/** Counts the lines as the file has them, without the stages of additional contexts. */
function inFile(reason: string, { addedStages }: BuildImage): string {
  if (!addedStages) return reason;
  const { line, count } = addedStages;
  return reason.replace(/^(dockerfile parse error (?:on )?line )(\d+)/i, (_, start, number) =>
    [start, Number(number) > line ? Number(number) - count : number].join(""),
  );
}

/** The classic builder names BuildKit for options that it does not support. */
function buildKitHint(reason: string): string | undefined {
  if (!/requires BuildKit/i.test(reason)) return undefined;
  return "set DOCKER_BUILDKIT=1 in the environment to build with it";
}

/** Removes what the builders wrap around a reason: the classic one, BuildKit old and new, Podman. */
function unwrapReason(message: string): string {
  return message
    .replace(/^the Docker Engine refused: /, "")
    .replace(/^failed to solve(?: with frontend \S+)?: /, "")
    .replace(/^failed to create LLB definition: /, "")
    .replace(/(requires BuildKit)\. Refer to [^]*$/, "$1")
    .replace(
      /^building at STEP "[^]*": while running runtime: exit status (\d+)\s*$/,
      "it exited with status $1",
    )
    .replace(/^The command '[^]*' returned a non-zero code: (\d+)$/, "it exited with status $1")
    .replace(
      /^(?:executor failed running|process) [^]*: exit code: (\d+)$/,
      "it exited with status $1",
    );
}

/** A path that COPY or ADD does not find: of the classic builder, BuildKit old and new, Podman. */
const missingPaths = [
  /^(?:COPY|ADD) failed: (?:file not found in build context or excluded by \.dockerignore: )?stat (.+): (?:file does not exist|no such file or directory)$/,
  /^failed to compute cache key: "(.+)" not found: not found$/,
  /^failed to compute cache key: failed to calculate checksum of ref \S+ "(.+)": not found$/,
  /lstat \S*\/buildkit-mount\d+\/(.+): no such file or directory$/,
  /^lstat \S*\/(?:merged|diff|snapshots\/\d+\/fs)\/(.+): no such file or directory$/,
  /^building at STEP "(?:COPY|ADD) [^]*": copier: stat: "(.+)": no such file or directory$/,
];

/** Names what a COPY or ADD does not find, and the folder on this machine, or the stage, that lacks it. */
function explainMissingFile(
  { context }: Pick<BuildImage, "context">,
  instruction: string,
  reason: string,
): string | undefined {
  const words = /^(?:COPY|ADD)\s+((?:--\S+\s+)*)([^]*)/i.exec(instruction);
  if (!words) return undefined;
  const [, options = "", sources = ""] = words;
  const stage = /--from=(\S+)/.exec(options)?.[1];
  const folder = "folder" in context ? context.folder : undefined;
  const place = stage ?? folder ?? ("git" in context ? "the repository" : undefined);
  if (place === undefined) return undefined;
  if (reason.endsWith(" failed: no source files were specified"))
    return `nothing in ${place} matches ${sources.split(/\s+/, 1).join()}`;
  const path = missingPaths.map((pattern) => pattern.exec(reason)?.[1]).find(Boolean);
  const name = path?.replace(/^\/+/, "");
  if (name === undefined) return undefined;
  if (stage !== undefined) return `/${name} does not exist in ${stage}`;
  return folder !== undefined && existsSync(join(folder, name))
    ? `${name} exists in ${folder}, but is not sent to the builder: .dockerignore excludes it, or it is one of Reyns's own files`
    : `${name} does not exist in ${place}; a build gets no files from elsewhere`;
}

/** On one line; the place of the error shows all of it. */
function shortenInstruction(instruction: string): string {
  const text = instruction.replaceAll(/\s+/g, " ");
  return text.length <= 72 ? text : `${text.slice(0, 71)}…`;
}

/** The line that the builder names, else the one on which the instruction begins. */
function locateInstruction(instruction: string, reason: string, file: string): Place {
  const named = /^dockerfile parse error (?:on )?line (\d+):/i.exec(reason)?.[1];
  if (named !== undefined) return { file, line: Number(named) };
  if (instruction === "" || !existsSync(file)) return { file };
  const lines = readRegularFile(file)
    .toString()
    .split("\n")
    .map((line) => line.replace(/\\?\s*$/, "").trim());
  const index = findLine(instruction, lines);
  return index < 0 ? { file } : { file, line: index + 1 };
}

/** BuildKit reports instructions with variables replaced by their values. */
function matchesLine(instruction: string, line: string): boolean {
  return new RegExp(`^${withAnyValues(line)}`).test(instruction);
}

function isWritten(image: string, written: string): boolean {
  return new RegExp(`^${withAnyValues(written)}$`).test(image);
}

function withAnyValues(text: string): string {
  return text
    .split(/\$\w+|\$\{[^}]*\}/)
    .map((part) => RegExp.escape(part))
    .join("[^]*");
}

/**
 * BuildKit reports a missing base image with its tag, but without the rest of its line, also where it is copied from. A line
 * with a variable could mean any image.
 */
function findLine(instruction: string, lines: readonly string[]): number {
  const [base] = /^FROM\s/i.test(instruction) ? imagesIn(instruction) : [];
  const matches: ((line: string) => boolean)[] = [
    (line) => line === instruction,
    (line) => base !== undefined && imagesIn(line).includes(base),
    (line) => line !== "" && matchesLine(instruction, line),
    (line) => base !== undefined && imagesIn(line).some((image) => isWritten(base, image)),
  ];
  const found = matches.map((match) => lines.findIndex(match));
  return found.find((index) => index >= 0) ?? -1;
}
