import type { BuildStatus, Vertex, VertexLog } from "../../docker/images/buildkit-status.ts";
import { shortImageName } from "../../docker/images/images.ts";
import { createLineBuffer, type LineBuffer } from "../../lib/line-buffer.ts";
import { createLineSplitter, type LineSplitter } from "../../lib/line-splitter.ts";
import type { BuildListener, FailedInstruction } from "./listener.ts";

/** A vertex that has started, with its output. */
interface RunningVertex {
  readonly name: string;
  readonly recent: LineBuffer;
  readonly lines: LineSplitter;
}

/** Follows a build by BuildKit, which runs several instructions at the same time. */
export function createBuildKitOutput(listener: BuildListener): {
  readonly take: (status: BuildStatus) => void;
  readonly failed: () => FailedInstruction | undefined;
} {
  const vertices = new Map<string, RunningVertex>();
  let failed: RunningVertex | undefined;
  const takeVertex = (vertex: Vertex): void => {
    if (!vertex.started) return;
    const running = vertices.get(vertex.digest) ?? startVertex(vertex, listener);
    vertices.set(vertex.digest, running);
    // BuildKit cancels the others after the first failure.
    if (vertex.error !== "" && !vertex.error.endsWith("context canceled")) failed ??= running;
  };
  const takeLog = ({ vertex, bytes }: VertexLog): void => vertices.get(vertex)?.lines.push(bytes);
  return {
    take: ({ vertexes, logs }) => {
      vertexes.forEach(takeVertex);
      logs.forEach(takeLog);
    },
    failed: () =>
      failed && {
        instruction: instructionOf(failed.name),
        lines: [...failed.recent.all(), ...printableLines(failed.lines.pending())],
      },
  };
}

function startVertex(
  { name, cached }: Vertex,
  { onInstruction, onLine }: BuildListener,
): RunningVertex {
  const recent = createLineBuffer(20);
  const lines = createLineSplitter((raw) => {
    for (const line of printableLines(raw)) {
      recent.add(line);
      onLine(line);
    }
  });
  onLine(cached ? `CACHED ${name}` : name);
  onInstruction(instructionOf(name) || activityOf(name), positionOf(name));
  return { name, recent, lines };
}

/** `[build 2/3] RUN make` -> `RUN make`; for the lookup of a base image `FROM debian:12`; else empty. */
function instructionOf(name: string): string {
  const base = /^\[internal\] load metadata for (\S+)$/.exec(name)?.[1];
  if (base !== undefined) return `FROM ${shortImageName(base)}`;
  return /^\[(?:.* )?\d+\/\d+\] ([^]*)/.exec(name)?.[1] ?? "";
}

/** `[build 2/3] RUN make` -> `build 2/3`; stages without a name have only numbers, which say nothing. */
function positionOf(name: string): string | undefined {
  return /^\[((?:.* )?\d+\/\d+)\] /.exec(name)?.[1]?.replace(/^stage-\d+ /, "");
}

/** What BuildKit does beside the instructions, where its own words are of its insides. */
function activityOf(name: string): string {
  const isContext = name === "copy /context /" || name === "[internal] load remote build context";
  return isContext ? "reading the files of the build" : name.replace(/^\[internal\] /, "");
}

/** The line without control characters; none when it is empty. */
function printableLines(line: string): string[] {
  const text = Bun.stripANSI(line).trimEnd();
  return text === "" ? [] : [text];
}
