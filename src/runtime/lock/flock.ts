import { dlopen } from "bun:ffi";

/** Operations of flock(2), identical on Linux and macOS. */
const [exclusive, nonBlocking, unlock] = [2, 4, 8];

/** Names of the C library: glibc, musl, macOS. */
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
      // It belongs to another system.
    }
  }
}

/**
 * Tries to lock an open file for this process. The kernel releases the lock when the descriptor is closed, also when the
 * process ends for any reason. Source: flock(2).
 *
 * @returns "unsupported" on Windows and some network file systems
 */
export function lockFile(descriptor: number): "locked" | "taken" | "unsupported" {
  loaded ??= load();
  // Unlocking a file that is not locked succeeds wherever locks are supported.
  if (!loaded || loaded(descriptor, unlock) !== 0) return "unsupported";
  return loaded(descriptor, exclusive | nonBlocking) === 0 ? "locked" : "taken";
}
