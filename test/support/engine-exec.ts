import { askEngine, engineAnswer } from "./engine-api.ts";

/** Runs a command in a container to its end, as its own user; a status other than 0 is a result, not an error. */
export async function execInContainer(
  id: string,
  words: readonly string[],
): Promise<{ status: number; stdout: string; stderr: string }> {
  const created = await askEngine("POST", `/containers/${encodeURIComponent(id)}/exec`, {
    AttachStdout: true,
    AttachStderr: true,
    Cmd: words,
  });
  const answer = (await created.json()) as { Id: string; message: string };
  if (!created.ok) return { status: 1, stdout: "", stderr: answer.message };
  const started = await askEngine("POST", `/exec/${answer.Id}/start`, {
    Detach: false,
    Tty: false,
  });
  const output = new Uint8Array(await started.arrayBuffer());
  // As `docker exec`, which says 126 or 127.
  if (!started.ok) return { status: 126, stdout: "", stderr: new TextDecoder().decode(output) };
  const { ExitCode } = await engineAnswer<{ ExitCode: number }>("GET", `/exec/${answer.Id}/json`);
  return { status: ExitCode, stdout: streamOf(output, 1), stderr: streamOf(output, 2) };
}

/** What a container without a terminal has written: its standard output, and after that its standard error. */
export async function logsOf(id: string): Promise<string> {
  const answer = await askEngine("GET", `/containers/${id}/logs?stdout=true&stderr=true`);
  const output = new Uint8Array(await answer.arrayBuffer());
  if (!answer.ok) throw new Error(`logs of ${id}: ${new TextDecoder().decode(output)}`);
  return streamOf(output, 1) + streamOf(output, 2);
}

/** What one of its streams wrote: the Engine sends pieces of both, each with the stream's number and a length before it. */
function streamOf(bytes: Uint8Array, stream: number): string {
  const view = new DataView(bytes.buffer);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = view.getUint32(at + 4);
    if (bytes[at] === stream) pieces.push(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(pieces).toString();
}
