/** The command line of this process without its arguments: the executable, or Bun and the entry file when run from source. */
export function selfCommand(): string[] {
  const entry = process.argv[1];
  return entry === undefined || entry.startsWith("/$bunfs/") || entry.startsWith("B:/~BUN/")
    ? [process.execPath]
    : [process.execPath, entry];
}
