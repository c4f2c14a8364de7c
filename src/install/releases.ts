import { ReynsError } from "../errors.ts";
import { download } from "./download.ts";

/** One executable of a release. */
export interface Release {
  readonly version: string;
  /** Where its gzipped executable is, and what its SHA-256 has to be. */
  readonly url: string;
  readonly sha256: string;
}

interface ReleaseQuery {
  /** As GitHub lays it out: below it `latest/download/FILE` and `download/vVERSION/FILE`. */
  readonly baseUrl: string;
  /** The latest unless given. */
  readonly version: string | undefined;
  readonly target: string;
}

/**
 * Finds a release by its list of sums, which also says which version is the latest.
 *
 * @throws ReynsError DOWNLOAD_FAILED, INVALID_VALUE; CHECKSUM_MISMATCH when the list says nothing certain
 */
export async function findRelease({ baseUrl, version, target }: ReleaseQuery): Promise<Release> {
  const base = checkBaseUrl(baseUrl);
  const folder = version === undefined ? "latest/download" : `download/v${version}`;
  const url = `${base}/${folder}/SHA256SUMS`;
  const sums = Buffer.from(await download(url)).toString();
  const [found, ...others] = findSums(sums, target);
  if (!found || others.length > 0)
    throw checksumError(`${url} has ${found ? "several sums" : "no sum"} for ${target}`);
  if (version !== undefined && version !== found.version)
    throw checksumError(`${url} is that of ${found.version}, not of ${version}`);
  const archive = `reyns-${found.version}-${target}.gz`;
  return { ...found, url: `${base}/download/v${found.version}/${archive}` };
}

/** Lines of a list for one target; `sha256sum` writes and reads such lists. */
function findSums(sums: string, target: string): Omit<Release, "url">[] {
  const line = /^([0-9a-f]{64}) {2}reyns-(\d[0-9A-Za-z.+-]*?)-([a-z]+-[a-z0-9]+(?:-musl)?)\.gz$/gm;
  return [...sums.matchAll(line)].flatMap(([, sha256 = "", version = "", name]) =>
    name === target ? { sha256, version } : [],
  );
}

function checksumError(message: string): ReynsError {
  return new ReynsError("CHECKSUM_MISMATCH", message, { hint: "nothing was changed" });
}

/** @throws ReynsError INVALID_VALUE for what anybody on the way could change, or is no URL */
export function checkBaseUrl(text: string): string {
  const url = URL.parse(text);
  const isHere = url?.protocol === "http:" && isLoopback(url.hostname);
  if (url && !url.username && (url.protocol === "https:" || isHere))
    return text.replace(/\/+$/, "");
  throw new ReynsError("INVALID_VALUE", `base_url is "${text}"`, {
    hint: "accepted: https://…, and http:// on this machine only",
  });
}

function isLoopback(host: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(host);
}

/** A version as releases have it, without the "v" of its tag. */
export function checkVersion(text: string): string {
  const version = text.replace(/^v/, "");
  if (/^\d[0-9A-Za-z.+-]*$/.test(version)) return version;
  const hint = "accepted: that of a release, such as 0.1.0";
  throw new ReynsError("INVALID_VALUE", `version is "${text}"`, { hint });
}
