import { once } from "node:events";
import { Duplex } from "node:stream";
import type { Engine } from "../client/connect.ts";
import { startExec } from "./exec.ts";

/** Bash alone opens the connection: nothing else is sure to be in the container. */
const relay = 'exec 3<>"/dev/tcp/$0/$1" && { cat <&3 & cat >&3; kill $!; }';

/**
 * Opens a TCP connection from inside a container that has bash, as a stream of bytes here. A connection that cannot be
 * made ends the stream with an error that says why.
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
  let complaint = "";
  stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
  const both = new Duplex({
    read: () => stdout.resume(),
    write: (chunk: Buffer, _, done) => void session.stream.write(chunk, done),
    destroy: (error, done) => {
      session.stream.destroy();
      done(error);
    },
  });
  stdout.on("data", (chunk: Buffer) => {
    if (!both.push(chunk)) stdout.pause();
  });
  const ends = [stdout, stderr].map((each) => once(each, "end"));
  void Promise.all(ends).then(() => both.destroy(refusalIn(complaint)));
  return both;
}

/** `bash: line 1: /dev/tcp/10.0.0.2/53: Connection refused` */
function refusalIn(complaint: string): Error | undefined {
  const reason = /\/dev\/tcp\/\S+: (.+)/.exec(complaint)?.[1];
  return reason === undefined ? undefined : new Error(`${reason}, asked from a container`);
}
