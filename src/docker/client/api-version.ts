import { ReynsError } from "../../errors.ts";

/** What an Engine reports in its answer to a ping. */
export interface EngineFeatures {
  /** The API version to use with it, such as "1.41". */
  readonly apiVersion: string;
  /** The newest API version that the Engine supports. It decides which fields a container can have. */
  readonly newestApiVersion: string;
  /** It tells when a volume was created. Docker 20.10 tells when its folder was last written to instead. */
  readonly datesVolumes: boolean;
  /** It creates a container in several networks at once. */
  readonly createsInNetworks: boolean;
  /** Its images may be in containerd's store. */
  readonly offersContainerdStore: boolean;
  /** It builds with BuildKit by default. */
  readonly prefersBuildKit: boolean;
  /** It includes BuildKit but does not use it by default: Docker 20.10. */
  readonly hasEarlyBuildKit: boolean;
  /** It is Podman's implementation of the API. */
  readonly isPodman: boolean;
}

/** Docker 20.10. */
const oldest = "1.41";
/** Docker 28.0; newer Engines still support it. */
const newest = "1.48";
/** Docker 23. */
const volumeDates = "1.42";
/** Docker 24. */
const containerdStore = "1.43";
/** Docker 25. */
const manyNetworks = "1.44";

/**
 * Reads the answer to `GET /_ping` and picks the newest API version that both sides support.
 *
 * @param endpoint as in DOCKER_HOST, for messages
 * @throws ReynsError NO_ENGINE when the Engine is too old, or the answer comes from something else
 * @see https://docs.docker.com/reference/api/engine/#versioned-api-and-sdk
 */
export function parsePing({ headers, status }: Response, endpoint: string): EngineFeatures {
  const offered = headers.get("Api-Version") ?? "";
  const rank = rankOf(offered);
  if (Number.isNaN(rank)) {
    const message = `no Docker Engine at ${endpoint}: something else answers there (status ${status})`;
    throw new ReynsError("NO_ENGINE", message, {
      hint: "set DOCKER_HOST; for an Engine with TLS, set DOCKER_TLS_VERIFY=1 too",
    });
  }
  if (rank < rankOf(oldest)) {
    const message = `the Docker Engine at ${endpoint} is too old: its API version is ${offered}, Reyns supports ${oldest} to ${newest}`;
    throw new ReynsError("NO_ENGINE", message, { hint: "upgrade it to Docker 20.10 or newer" });
  }
  const isPodman = headers.has("Libpod-API-Version");
  const isWindows = headers.get("OSType") === "windows";
  return {
    apiVersion: rank < rankOf(newest) ? offered : newest,
    newestApiVersion: offered,
    datesVolumes: isPodman || rank >= rankOf(volumeDates),
    createsInNetworks: rank >= rankOf(manyNetworks),
    offersContainerdStore: rank >= rankOf(containerdStore),
    prefersBuildKit: headers.get("Builder-Version") === "2",
    hasEarlyBuildKit: offered === oldest && !isPodman && !isWindows,
    isPodman,
  };
}

/** Makes versions comparable: "1.9" comes before "1.41". NaN for anything else. */
function rankOf(version: string): number {
  const [major, minor, more] = version.split(".");
  return major && minor && more === undefined ? Number(major) * 1000 + Number(minor) : NaN;
}
