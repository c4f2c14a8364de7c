/**
 * A call without its values, which may be secret: the arguments before the first key.
 *
 * @example
 * redactCall(["do", "deploy", "password=x"]); // "do deploy"
 */
export function redactCall(argv: readonly string[]): string {
  const [command = "", ...others] = argv;
  const first = others.findIndex((argument) => argument.includes("=") || argument.startsWith("-"));
  const plain = first < 0 ? others : others.slice(0, first);
  return [command.split(/,[^,]*=/)[0], ...plain].join(" ");
}
