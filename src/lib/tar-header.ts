/** Bytes of a block of a tar. */
export const tarBlock = 512;

/** The zeros that a file of so many bytes has after it in a tar. */
export function tarPadding(size: number): number {
  return (tarBlock - (size % tarBlock)) % tarBlock;
}

/**
 * The header of a file in a tar, as one block: the name may have up to 100 ASCII characters.
 *
 * @see https://www.gnu.org/software/tar/manual/html_node/Standard.html
 */
export function tarFileHeader(name: string, size: number, mode = 0o644): Buffer {
  const header = Buffer.alloc(tarBlock);
  const octal = (value: number, length: number): string => value.toString(8).padStart(length, "0");
  header.write(name, 0, 100);
  header.write(octal(mode, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  if (size < 8 ** 11) header.write(octal(size, 11), 124);
  else writeLargeSize(header, size);
  header.write(octal(0, 11), 136);
  header.write("        0", 148);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148);
  return header;
}

/** From 8 GiB on, as a binary number with the first bit set. */
function writeLargeSize(header: Buffer, size: number): void {
  header.writeUInt8(0x80, 124);
  header.writeBigUInt64BE(BigInt(size), 128);
}
