import { decodeText, encodeFields, fieldsByNumber } from "../images/protobuf.ts";
import { NotFoundError, unary, type GrpcHandler } from "./grpc-server.ts";

/** Path of a method -> its handler. */
export type GrpcService = readonly (readonly [string, GrpcHandler])[];

/** BuildKit ends a session whose other side does not answer this every few seconds. */
export function healthService(): GrpcService {
  const serving = 1;
  return [["/grpc.health.v1.Health/Check", unary(() => encodeFields([[1, serving]]))]];
}

/** @see https://github.com/moby/buildkit/blob/master/session/secrets/secrets.proto */
export function secretsService(secrets: ReadonlyMap<string, Uint8Array>): GrpcService {
  const answer = (request: Uint8Array): Uint8Array => {
    const id = decodeText(fieldsByNumber(request).get(1));
    const secret = secrets.get(id);
    if (!secret) throw new NotFoundError(`the build has no secret ${id}`);
    return encodeFields([[1, secret]]);
  };
  return [["/moby.buildkit.secrets.v1.Secrets/GetSecret", unary(answer)]];
}
