import { ReynsError } from "../errors.ts";
import { download } from "./download.ts";

/** One executable of a release. */
export interface Release {
  readonly version: string;
  /** URL of the gzipped executable, and its SHA-256. */
  readonly url: string;
  readonly sha256: string;
}

interface ReleaseQuery {
  /** Laid out as on GitHub: `latest/download/FILE` and `download/vVERSION/FILE` below it. */
  readonly baseUrl: string;
  /** The latest one if undefined. */
  readonly version: string | undefined;
  readonly target: string;
}

/**
 * Finds a release in its list of checksums, which also tells which version is the latest.
 *
 * @throws ReynsError DOWNLOAD_FAILED, INVALID_VALUE; CHECKSUM_MISMATCH when the list has not exactly one matching entry
 */
export async function findRelease({ baseUrl, version, target }: ReleaseQuery): Promise<Release> {
  const base = checkBaseUrl(baseUrl);
  const folder = version === undefined ? "latest/download" : `download/v${version}`;
  const url = `${base}/${folder}/SHA256SUMS`;
  const list = Buffer.from(await download(url)).toString();
  const [found, ...others] = findChecksums(list, target);
  if (!found || others.length > 0)
    throw checksumError(`${url} has ${found ? "several checksums" : "no checksum"} for ${target}`);
  if (version !== undefined && version !== found.version)
    throw checksumError(`${url} is for version ${found.version}, not ${version}`);
  const archive = `reyns-${found.version}-${target}.gz`;
  return { ...found, url: `${base}/download/v${found.version}/${archive}` };
}

/** The entries for one target, in the format of `sha256sum`. */
function findChecksums(list: string, target: string): Omit<Release, "url">[] {
  const line =
    /^([0-9a-f]{64}) {2}reyns-(\d+(?:[.+-][0-9A-Za-z]+)*?)-([a-z]+-[a-z0-9]+(?:-musl)?)\.gz$/gm;
  return [...list.matchAll(line)].flatMap(([, sha256 = "", version = "", name]) =>
    name === target ? { sha256, version } : [],
  );
}

function checksumError(message: string): ReynsError {
  return new ReynsError("CHECKSUM_MISMATCH", message, { hint: "nothing was changed" });
}

/** @throws ReynsError INVALID_VALUE for an invalid URL, and for one without TLS to another machine */
export function checkBaseUrl(text: string): string {
  const url = URL.parse(text);
  const isLocal = url?.protocol === "http:" && isLoopback(url.hostname);
  if (url && !url.username && (url.protocol === "https:" || isLocal))
    return text.replace(/\/+$/, "");
  throw new ReynsError("INVALID_VALUE", `invalid base_url: "${text}"`, {
    hint: "accepted: https://…, and http:// on this machine only",
  });
}

function isLoopback(host: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(host);
}

/** Removes the "v" of a tag. @throws ReynsError INVALID_VALUE */
export function checkVersion(text: string): string {
  const version = text.replace(/^v/, "");
  if (/^\d+(?:[.+-][0-9A-Za-z]+)*$/.test(version)) return version;
  const hint = "accepted: the version of a release, such as 0.1.0";
  throw new ReynsError("INVALID_VALUE", `invalid version: "${text}"`, { hint });
}
