/**
 * Copies of a project in its folder, by their origins: `FOLDER//copy:NAME`, or `FOLDER//2//copy:NAME` of the second
 * project that began there. The origin is a label of everything on the Engine, and part of every name, so a copy and its
 * project have nothing in common there.
 */
const separator = "//copy:";

/** What the project itself is called where a copy may be named. */
export const mainCopy = "main";

/** The origin of a copy. @param origin of the project or of any copy of it */
export function copyOrigin(origin: string, name: string): string {
  return `${projectOrigin(origin)}${separator}${name}`;
}

/** The name of the copy that an origin is of; undefined for the project itself. */
export function copyNameOf(origin: string): string | undefined {
  return origin.split(separator)[1];
}

/** The origin of the project that an origin is of a copy of: that of its images, which all copies share. */
export function projectOrigin(origin: string): string {
  return origin.split(separator)[0] ?? origin;
}

/** Whether a place is that of a copy. */
export function isCopy({ origin }: { readonly origin: string }): boolean {
  return copyNameOf(origin) !== undefined;
}

/** A call of a command for the project, or the copy of it, of an origin. */
export function callFor(origin: string, call: string): string {
  const copy = copyNameOf(origin);
  return copy === undefined ? call : `${call} copy=${copy}`;
}

/** The call that starts a service, or everything, in Compose's words where a Compose file defines the project. */
export function startCall(
  { origin, compose }: { readonly origin: string; readonly compose?: string | undefined },
  service = "all",
): string {
  const composeCall = service === "all" ? "reyns up" : `reyns up ${service}`;
  return callFor(origin, compose === undefined ? `reyns run ${service}` : composeCall);
}
