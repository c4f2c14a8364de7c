import { decodeText, fieldsByNumber, readFields } from "./protobuf.ts";

/** A status update of a BuildKit build. */
export interface BuildStatus {
  readonly vertexes: readonly Vertex[];
  readonly logs: readonly VertexLog[];
}

/** An instruction or an internal step. Reported again whenever it changes. */
export interface Vertex {
  readonly digest: string;
  /** `[build 2/3] RUN make`, `[internal] load remote build context`, `exporting to image`. */
  readonly name: string;
  readonly started: boolean;
  readonly cached: boolean;
  /** Empty unless it failed. */
  readonly error: string;
}

/** A chunk of output; may end anywhere. */
export interface VertexLog {
  /** Digest of the vertex. */
  readonly vertex: string;
  readonly bytes: Uint8Array;
}

/**
 * Decodes a status update of BuildKit: the protobuf message `moby.buildkit.v1.StatusResponse`, in base64.
 *
 * @see https://github.com/moby/buildkit/blob/master/api/services/control/control.proto
 */
export function readBuildStatus(base64: string): BuildStatus {
  const fields = [...readFields(Buffer.from(base64, "base64"))];
  const messages = (field: number): Uint8Array[] =>
    fields.flatMap(({ number, value }) =>
      number === field && typeof value !== "number" ? [value] : [],
    );
  return { vertexes: messages(1).map(readVertex), logs: messages(3).map(readLog) };
}

function readVertex(bytes: Uint8Array): Vertex {
  const fields = fieldsByNumber(bytes);
  return {
    digest: decodeText(fields.get(1)),
    name: decodeText(fields.get(3)),
    cached: fields.get(4) === 1,
    started: fields.has(5),
    error: decodeText(fields.get(7)),
  };
}

function readLog(bytes: Uint8Array): VertexLog {
  const fields = fieldsByNumber(bytes);
  const bytesOfLog = fields.get(4);
  return {
    vertex: decodeText(fields.get(1)),
    bytes: bytesOfLog instanceof Uint8Array ? bytesOfLog : new Uint8Array(),
  };
}
