import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";

/** A call that a client makes. */
export interface GrpcCall {
  readonly metadata: IncomingHttpHeaders;
  /** The client's messages, until it has sent the last one. */
  readonly messages: AsyncIterable<Uint8Array>;
  readonly send: (message: Uint8Array) => void;
}

/** Answers a call; the call ends when it resolves. */
export type GrpcHandler = (call: GrpcCall) => Promise<void>;

/**
 * Status codes of gRPC.
 *
 * @see https://grpc.io/docs/guides/status-codes/
 */
const codes = { ok: "0", unknown: "2", notFound: "5", unimplemented: "12" };

/** Ends a call with the status NOT_FOUND. */
export class NotFoundError extends Error {}

/** Answers one message with another one. */
export function unary(
  answer: (message: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): GrpcHandler {
  return async ({ messages, send }) => {
    let request = new Uint8Array();
    for await (const message of messages) request = Uint8Array.from(message);
    send(await answer(request));
  };
}

/**
 * Serves gRPC on a connection that is open already: the other side is the client.
 *
 * @param handlers path of the method -> its handler
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export function serveGrpc(connection: Duplex, handlers: ReadonlyMap<string, GrpcHandler>): void {
  const server = createServer();
  server.on("stream", (stream, headers) => {
    // The client is gone: nobody waits for the answer.
    stream.on("error", () => {});
    const handler = handlers.get(headers[":path"] ?? "");
    if (handler) return void answerCall(stream, headers, handler);
    const status = { "grpc-status": codes.unimplemented };
    stream.respond({ ":status": 200, "content-type": contentType, ...status }, { endStream: true });
  });
  server.on("sessionError", () => connection.destroy());
  server.emit("connection", connection);
}

const contentType = "application/grpc";

async function answerCall(
  stream: ServerHttp2Stream,
  metadata: IncomingHttpHeaders,
  handler: GrpcHandler,
): Promise<void> {
  let status: Record<string, string> = { "grpc-status": codes.ok };
  stream.respond({ ":status": 200, "content-type": contentType }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(status));
  const send = (message: Uint8Array): void => void stream.write(frame(message));
  try {
    await handler({ metadata, messages: readMessages(stream), send });
  } catch (error) {
    const code = error instanceof NotFoundError ? codes.notFound : codes.unknown;
    const message = error instanceof Error ? error.message : "failed";
    status = { "grpc-status": code, "grpc-message": encodeURIComponent(message) };
  }
  stream.end();
}

/** One byte for the compression, which is none, and four for the length. */
const prefixLength = 5;

function frame(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(prefixLength);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

async function* readMessages(stream: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  let received = Buffer.alloc(0);
  for await (const chunk of stream) {
    received = Buffer.concat([received, chunk]);
    while (received.length >= prefixLength) {
      const end = prefixLength + received.readUInt32BE(1);
      if (received.length < end) break;
      yield received.subarray(prefixLength, end);
      received = received.subarray(end);
    }
  }
}
