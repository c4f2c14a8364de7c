/** A result, on standard output. */
export function print(text: string): void {
  console.log(text);
}

/** A result as one JSON document. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2));
}

/** A line to the person in front of it, on standard error: never part of the result. */
export function say(text: string): void {
  // Not console.error, which Bun paints red on a terminal, a dumb one too.
  console.warn(text);
}
