import { addedDockerfile } from "../../model/build.ts";

/** @param dockerfile path relative to the context */
export function isOutside(dockerfile: string): boolean {
  return dockerfile.startsWith("../");
}

/** The path of a Dockerfile in the packed context. */
export function pathInContext(dockerfile: string): string {
  return isOutside(dockerfile) ? addedDockerfile : dockerfile;
}
