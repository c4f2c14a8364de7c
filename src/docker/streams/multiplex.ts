/** Which of its outputs a process wrote to. */
export type OutputName = "stdout" | "stderr";

const headerLength = 8;
const kinds: readonly OutputName[] = ["stdout", "stdout", "stderr"];

/**
 * Takes apart what comes of a process without a terminal: frames of an 8-byte header (the output's number, three
 * zeros, a length) and a payload, which chunks cut anywhere. What begins otherwise comes from a terminal, and is passed
 * on as it is.
 *
 * @see https://docs.docker.com/reference/api/engine/ (attach to a container: stream format)
 * @example
 * const take = frameReader((output, bytes) => process[output].write(bytes));
 * stream.on("data", take);
 */
export function frameReader(
  onPart: (output: OutputName, bytes: Buffer) => void,
): (chunk: Buffer) => void {
  let header: Buffer = Buffer.alloc(0);
  let output: OutputName = "stdout";
  let left = 0;
  return (chunk) => {
    for (let at = 0; at < chunk.length;) {
      if (left === 0) {
        const more = chunk.subarray(at, at + headerLength - header.length);
        header = Buffer.concat([header, more]);
        at += more.length;
        if (!isHeader(header)) {
          onPart("stdout", header);
          [header, left] = [Buffer.alloc(0), Infinity];
        } else if (header.length === headerLength) {
          output = kinds[header[0] ?? 0] ?? "stdout";
          [left, header] = [header.readUInt32BE(4), Buffer.alloc(0)];
        }
        continue;
      }
      const part = chunk.subarray(at, at + left);
      at += part.length;
      left -= part.length;
      onPart(output, part);
    }
  };
}

/** The beginning of one, or all of it. */
function isHeader([kind = 0, ...rest]: Buffer): boolean {
  return kind < kinds.length && rest.slice(0, 3).every((byte) => byte === 0);
}
