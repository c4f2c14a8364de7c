import { invalidProject, type ReynsError, type Place } from "../errors.ts";

/** Bytes from which on Swarm takes no secret any more. */
const tooLarge = 500 * 1024;

/** Why Swarm distributes no file of so many bytes. */
type SwarmFileMistake = "empty" | "large";

export function swarmFileMistake(bytes: number): SwarmFileMistake | undefined {
  if (bytes === 0) return "empty";
  return bytes >= tooLarge ? "large" : undefined;
}

/** @param what "web-one: the secret token", or a path */
export function swarmFileError(
  what: string,
  mistake: SwarmFileMistake,
  at: Place | undefined,
): ReynsError {
  const [message, hint] =
    mistake === "empty"
      ? [`Swarm distributes no empty file: ${what}`, "leave it out, or put it into the image"]
      : [
          `Swarm distributes no file of ${tooLarge / 1024} KB or more: ${what}`,
          "put it into the image",
        ];
  return invalidProject(message, hint, at);
}
