// Runs a piece of TypeScript with a real terminal, or none, as its standard output.

/** @param columns of the terminal; none: standard output is a pipe */
export async function outputOf(
  code: string,
  { columns, env = {} }: { readonly columns?: number; readonly env?: Record<string, string> } = {},
): Promise<string> {
  const seen: string[] = [];
  const decoder = new TextDecoder();
  const child = Bun.spawn([process.execPath, "-e", code], {
    cwd: `${import.meta.dir}/../../..`,
    env: { PATH: process.env["PATH"], TERM: "xterm", ...env },
    stderr: "inherit",
    ...(columns === undefined
      ? { stdin: "ignore", stdout: "pipe" }
      : {
          terminal: {
            cols: columns,
            rows: 24,
            data: (_: unknown, bytes: Uint8Array) =>
              void seen.push(decoder.decode(bytes, { stream: true })),
          },
        }),
  });
  const piped =
    columns === undefined ? await new Response(child.stdout as ReadableStream).text() : "";
  await child.exited;
  child.terminal?.close();
  return (piped + seen.join("")).replaceAll("\r\n", "\n").trimEnd();
}
