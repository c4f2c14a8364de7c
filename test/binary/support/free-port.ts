import { once } from "node:events";
import { createServer } from "node:net";

/** Fewer than the ports from 10000 to the first that the kernel gives to whoever asks for any (ip_local_port_range). */
const blocks = 160;
const size = 50;

/** The next to be tried, in a block that no other process of a test run has. */
let next = 10_000 + (process.pid % blocks) * size;
const end = next + size;

/**
 * A port that nothing listens on, and that nobody gets by chance before its user has begun to listen: neither another
 * test nor a connection.
 */
export async function freePort(): Promise<number> {
  while (next < end) {
    const port = next++;
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port is left below ${end}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port);
  const isListening = await once(server, "listening").then(
    () => true,
    () => false,
  );
  if (isListening) await new Promise((resolve) => server.close(resolve));
  return isListening;
}
