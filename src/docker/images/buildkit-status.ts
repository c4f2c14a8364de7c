import { readFields } from "./protobuf.ts";

/** What has changed in a build by BuildKit. */
export interface BuildStatus {
  readonly vertexes: readonly Vertex[];
  readonly logs: readonly VertexLog[];
}

/** A piece of work: an instruction, or one of the builder's own. It is told of again whenever it changes. */
export interface Vertex {
  readonly digest: string;
  /** `[build 2/3] RUN make`, `[internal] load remote build context`, `exporting to image`. */
  readonly name: string;
  readonly started: boolean;
  readonly cached: boolean;
  /** Why it failed; empty unless it did. */
  readonly error: string;
}

/** Bytes of output, which end anywhere. */
export interface VertexLog {
  /** Digest of the vertex that wrote them. */
  readonly vertex: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads what BuildKit tells of a build: the protobuf message `moby.buildkit.v1.StatusResponse`, in base64.
 *
 * @see https://github.com/moby/buildkit/blob/master/api/services/control/control.proto
 */
export function readBuildStatus(base64: string): BuildStatus {
  const fields = [...readFields(Buffer.from(base64, "base64"))];
  const messages = (wanted: number): Uint8Array[] =>
    fields.flatMap(({ number, value }) =>
      number === wanted && typeof value !== "number" ? [value] : [],
    );
  return { vertexes: messages(1).map(readVertex), logs: messages(3).map(readLog) };
}

function readVertex(bytes: Uint8Array): Vertex {
  const fields = byNumber(bytes);
  return {
    digest: text(fields.get(1)),
    name: text(fields.get(3)),
    cached: fields.get(4) === 1,
    started: fields.has(5),
    error: text(fields.get(7)),
  };
}

function readLog(bytes: Uint8Array): VertexLog {
  const fields = byNumber(bytes);
  const written = fields.get(4);
  return {
    vertex: text(fields.get(1)),
    bytes: written instanceof Uint8Array ? written : new Uint8Array(),
  };
}

function byNumber(bytes: Uint8Array): Map<number, number | Uint8Array> {
  return new Map([...readFields(bytes)].map(({ number, value }) => [number, value]));
}

function text(value: number | Uint8Array | undefined): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : "";
}
