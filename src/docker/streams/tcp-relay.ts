import { once } from "node:events";
import { Duplex } from "node:stream";
import type { Engine } from "../client/engine.ts";
import { startExec } from "./exec.ts";

/** Uses bash only, as a container may have nothing else to open a connection with. */
const relay = 'exec 3<>"/dev/tcp/$0/$1" && { cat <&3 & cat >&3; kill $!; }';

/**
 * Opens a TCP connection from inside a container that has bash. If the connection fails, the stream ends with an error
 * that gives the reason.
 */
export async function dialFromContainer(
  engine: Engine,
  id: string,
  host: string,
  port: number,
): Promise<Duplex> {
  const command = ["bash", "-c", relay, host, String(port)];
  const session = await startExec(engine, id, { command, stdin: true });
  const { stdout, stderr } = session.split();
  let errors = "";
  stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const connection = new Duplex({
    read: () => stdout.resume(),
    write: (chunk: Buffer, _, done) => void session.stream.write(chunk, done),
    destroy: (error, done) => {
      session.stream.destroy();
      done(error);
    },
  });
  stdout.on("data", (chunk: Buffer) => {
    if (!connection.push(chunk)) stdout.pause();
  });
  const ends = [stdout, stderr].map((stream) => once(stream, "end"));
  void Promise.all(ends).then(() => connection.destroy(connectionError(errors)));
  return connection;
}

/** `bash: line 1: /dev/tcp/10.0.0.2/53: Connection refused` */
function connectionError(output: string): Error | undefined {
  const reason = /\/dev\/tcp\/\S+: (.+)/.exec(output)?.[1];
  return reason === undefined ? undefined : new Error(`${reason}, from inside a container`);
}
