/** How this process was called, without its words: the executable alone, or Bun with the entry when running from source. */
export function selfCommand(): string[] {
  const entry = process.argv[1];
  return entry === undefined || entry.startsWith("/$bunfs/") || entry.startsWith("B:/~BUN/")
    ? [process.execPath]
    : [process.execPath, entry];
}
