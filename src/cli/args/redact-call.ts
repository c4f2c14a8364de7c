/**
 * A call as others may read it: the words up to the first value, which may be a secret.
 *
 * @example
 * callText(["do", "deploy", "password=x"]); // "do deploy"
 */
export function callText(argv: readonly string[]): string {
  const [command = "", ...words] = argv;
  const first = words.findIndex((word) => word.includes("=") || word.startsWith("-"));
  const plain = first < 0 ? words : words.slice(0, first);
  return [command.split(/,[^,]*=/)[0], ...plain].join(" ");
}
