import { stripVTControlCharacters } from "node:util";
import { shortImageName } from "../../docker/images/images.ts";
import type { BuildStatus, Vertex, VertexLog } from "../../docker/images/buildkit-status.ts";
import { createLineBuffer, type LineBuffer } from "../../lib/last-lines.ts";
import type { BuildListener, FailedInstruction } from "./listener.ts";

/** A vertex that is at work, and what it has written. */
interface RunningVertex {
  readonly name: string;
  readonly recent: LineBuffer;
  readonly decoder: TextDecoder;
  /** The beginning of a line whose end is still to come. */
  rest: string;
}

/** Follows a build by BuildKit, which works on several instructions at the same time. */
export function createBuildKitOutput({ onInstruction, onLine }: BuildListener): {
  readonly take: (status: BuildStatus) => void;
  readonly failed: () => FailedInstruction | undefined;
} {
  const works = new Map<string, RunningVertex>();
  let broken: RunningVertex | undefined;
  const begin = ({ digest, name, cached }: Vertex): RunningVertex => {
    const work = { name, recent: createLineBuffer(20), decoder: new TextDecoder(), rest: "" };
    works.set(digest, work);
    onLine(cached ? `CACHED ${name}` : name);
    onInstruction(instructionOf(name) || name.replace(/^\[internal\] /, ""));
    return work;
  };
  const see = (vertex: Vertex): void => {
    if (!vertex.started) return;
    const work = works.get(vertex.digest) ?? begin(vertex);
    // What is called off because of the first failure has failed of nothing itself.
    if (vertex.error !== "" && !vertex.error.endsWith("context canceled")) broken ??= work;
  };
  const hear = ({ vertex, bytes }: VertexLog): void => {
    const work = works.get(vertex);
    if (!work) return;
    const lines = (work.rest + work.decoder.decode(bytes, { stream: true })).split("\n");
    work.rest = lines.pop() ?? "";
    for (const line of lines.flatMap(printableLines)) {
      work.recent.add(line);
      onLine(line);
    }
  };
  return {
    take: ({ vertexes, logs }) => {
      vertexes.forEach(see);
      logs.forEach(hear);
    },
    failed: () =>
      broken && {
        instruction: instructionOf(broken.name),
        lines: [...broken.recent.all(), ...printableLines(broken.rest)],
      },
  };
}

/** `[build 2/3] RUN make` -> `RUN make`; empty for the builder's own work, but for its look for a base: `FROM debian:12`. */
function instructionOf(name: string): string {
  const base = /^\[internal\] load metadata for (\S+)$/.exec(name)?.[1];
  if (base !== undefined) return `FROM ${shortImageName(base)}`;
  return /^\[(?:.* )?\d+\/\d+\] ([^]*)/.exec(name)?.[1] ?? "";
}

/** A line as it can be shown, unless it is empty. */
function printableLines(line: string): string[] {
  const text = stripVTControlCharacters(line).trimEnd();
  return text === "" ? [] : [text];
}
