import { dlopen } from "bun:ffi";

/** Operations of flock(2), the same on Linux and macOS. */
const [exclusive, withoutWaiting, unlock] = [2, 4, 8];

/** The C library under its names: glibc, musl, macOS. */
const libraries = [
  "libc.so.6",
  `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`,
  "libSystem.B.dylib",
];

type Flock = (descriptor: number, operation: number) => number;

let loaded: Flock | undefined;

function load(): Flock | undefined {
  for (const library of libraries) {
    try {
      return dlopen(library, { flock: { args: ["i32", "i32"], returns: "i32" } }).symbols.flock;
    } catch {
      // Another system's.
    }
  }
}

/**
 * Takes the lock of an open file for this process, if nobody has it. The kernel gives it back when the descriptor is
 * closed, also by the end of the process, whatever that is. Source: flock(2).
 *
 * @returns "unsupported" where there are no such locks: on Windows, and on some network file systems
 */
export function lockFile(descriptor: number): "locked" | "taken" | "unsupported" {
  loaded ??= load();
  // To unlock what is not locked succeeds wherever locks are known.
  if (!loaded || loaded(descriptor, unlock) !== 0) return "unsupported";
  return loaded(descriptor, exclusive | withoutWaiting) === 0 ? "locked" : "taken";
}
