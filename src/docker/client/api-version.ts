import { ReynsError } from "../../errors.ts";

/** What an Engine says of itself when it is greeted. */
export interface EngineFeatures {
  /** The version of the API that is spoken with it, such as "1.41". */
  readonly apiVersion: string;
  /** It builds with BuildKit unless told otherwise. */
  readonly prefersBuildKit: boolean;
  /** It has BuildKit, which was not yet the standard when it was made: Docker 20.10. */
  readonly hasEarlyBuildKit: boolean;
  /** It is Podman's imitation of one. */
  readonly isPodman: boolean;
}

/** Docker 20.10. */
const oldest = "1.41";
/** Docker 28.0: newer Engines still speak it. */
const newest = "1.48";

/**
 * The newest version of the API that both sides know, out of the answer to `GET /_ping`.
 *
 * @param endpoint as in DOCKER_HOST, for messages
 * @throws ReynsError NO_ENGINE when the Engine is too old, or what answers is none
 * @see https://docs.docker.com/reference/api/engine/#versioned-api-and-sdk
 */
export function parsePing({ headers, status }: Response, endpoint: string): EngineFeatures {
  const theirs = headers.get("Api-Version") ?? "";
  const rank = rankOf(theirs);
  if (Number.isNaN(rank)) {
    const answer = `what answers at ${endpoint} is no Docker Engine (status ${status})`;
    throw new ReynsError("NO_ENGINE", answer, {
      hint: "set DOCKER_HOST; an Engine with TLS needs DOCKER_TLS_VERIFY=1 as well",
    });
  }
  if (rank < rankOf(oldest)) {
    const message = `the Docker Engine at ${endpoint} is too old: it speaks version ${theirs} of its API, and Reyns ${oldest} to ${newest}`;
    throw new ReynsError("NO_ENGINE", message, { hint: "upgrade it to Docker 20.10 or newer" });
  }
  const isPodman = headers.has("Libpod-API-Version");
  const isWindows = headers.get("OSType") === "windows";
  return {
    apiVersion: rank < rankOf(newest) ? theirs : newest,
    prefersBuildKit: headers.get("Builder-Version") === "2",
    hasEarlyBuildKit: theirs === oldest && !isPodman && !isWindows,
    isPodman,
  };
}

/** Orders versions: "1.9" is before "1.41". NaN for what is none. */
function rankOf(version: string): number {
  const [major, minor, more] = version.split(".");
  return major && minor && more === undefined ? Number(major) * 1000 + Number(minor) : NaN;
}
