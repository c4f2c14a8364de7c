/** An output of a process. */
export type OutputName = "stdout" | "stderr";

const headerLength = 8;
const outputNames: readonly OutputName[] = ["stdout", "stdout", "stderr"];

/**
 * Parses the output of a process without a terminal: frames with an 8-byte header (number of the output, three zeros, a
 * length) and a payload; chunks may end anywhere. A stream that starts otherwise comes from a terminal and is passed on
 * unchanged. A part is the start of a frame or the continuation of one.
 *
 * @see https://docs.docker.com/reference/api/engine/ (attach to a container: stream format)
 * @example
 * const push = frameReader((output, bytes) => process[output].write(bytes));
 * stream.on("data", push);
 */
export function frameReader(
  onPart: (output: OutputName, bytes: Buffer, isFrameStart: boolean) => void,
): (chunk: Buffer) => void {
  let header: Buffer = Buffer.alloc(0);
  let output: OutputName = "stdout";
  let left = 0;
  let isStart = false;
  return (chunk) => {
    for (let at = 0; at < chunk.length;) {
      if (left === 0) {
        const more = chunk.subarray(at, at + headerLength - header.length);
        header = Buffer.concat([header, more]);
        at += more.length;
        if (!isHeader(header)) {
          onPart("stdout", header, false);
          [header, left] = [Buffer.alloc(0), Infinity];
        } else if (header.length === headerLength) {
          output = outputNames[header[0] ?? 0] ?? "stdout";
          [left, header, isStart] = [header.readUInt32BE(4), Buffer.alloc(0), true];
        }
        continue;
      }
      const part = chunk.subarray(at, at + left);
      at += part.length;
      left -= part.length;
      onPart(output, part, isStart);
      isStart = false;
    }
  };
}

/** Whether these bytes are a header or the beginning of one. */
function isHeader([output = 0, ...rest]: Buffer): boolean {
  return output < outputNames.length && rest.slice(0, 3).every((byte) => byte === 0);
}
