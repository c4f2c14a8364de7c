import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { decodeText, encodeFields, fieldsByNumber } from "../images/protobuf.ts";
import { NotFoundError, unary, type GrpcCall } from "./grpc-server.ts";
import type { GrpcService } from "./services.ts";

/**
 * Forwards ssh agents.
 *
 * @param agents id -> socket
 * @see https://github.com/moby/buildkit/blob/master/session/sshforward/ssh.proto
 */
export function agentService(agents: ReadonlyMap<string, string>): GrpcService {
  const socketOf = (id: string): string => {
    const socket = agents.get(id || "default");
    if (socket === undefined) throw new NotFoundError(`the build has no ssh agent ${id}`);
    return socket;
  };
  const check = unary((request) => {
    socketOf(decodeText(fieldsByNumber(request).get(1)));
    return new Uint8Array();
  });
  const forward = (call: GrpcCall): Promise<void> =>
    relayAgent(call, socketOf(String(call.metadata["buildkit.ssh.id"] ?? "")));
  return [
    ["/moby.sshforward.v1.SSH/CheckAgent", check],
    ["/moby.sshforward.v1.SSH/ForwardAgent", async (call) => forward(call)],
  ];
}

async function relayAgent({ messages, send }: GrpcCall, path: string): Promise<void> {
  const socket = connect(path);
  await once(socket, "connect");
  const closed = once(socket, "close");
  socket.on("data", (bytes) => send(encodeFields([[1, bytes]])));
  // It closes as well.
  socket.on("error", () => {});
  await Promise.race([closed, passOn(messages, socket)]);
  socket.end();
  await closed;
}

async function passOn(messages: GrpcCall["messages"], socket: Socket): Promise<void> {
  for await (const message of messages) {
    const bytes = fieldsByNumber(message).get(1);
    if (bytes instanceof Uint8Array) socket.write(bytes);
  }
}
