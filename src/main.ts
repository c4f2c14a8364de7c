import { dispatch } from "./commands/dispatch.ts";

/** Waits until all that was written has left: an exit does not. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}

const status = await dispatch(process.argv.slice(2));
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
// oxlint-disable-next-line unicorn/no-process-exit -- open connections to the Engine must not hold it back
process.exit(status);
