import type { Environment } from "../../lib/environment.ts";
import { credentialsOf, dockerHub } from "../config/credentials.ts";
import { decodeText, encodeFields, fieldsByNumber } from "../images/protobuf.ts";
import { unary } from "./grpc-server.ts";
import type { GrpcService } from "./services.ts";

/**
 * The caller's registry credentials, for the registries that a build turns out to need.
 *
 * @see https://github.com/moby/buildkit/blob/master/session/auth/auth.proto
 */
export function credentialsService(env: Environment): GrpcService {
  const answer = async (request: Uint8Array): Promise<Uint8Array> => {
    const host = decodeText(fieldsByNumber(request).get(1));
    const registry = host === "registry-1.docker.io" ? dockerHub : host;
    const { credentials } = await credentialsOf(registry, env);
    if (!credentials) return new Uint8Array();
    const { username = "", password = "", identitytoken } = credentials;
    // A token stands alone.
    return identitytoken
      ? encodeFields([[2, identitytoken]])
      : encodeFields([
          [1, username],
          [2, password],
        ]);
  };
  return [["/moby.filesync.v1.Auth/Credentials", unary(answer)]];
}
