/**
 * The ends of host names that nobody can own on the internet, so that no public authority certifies them: RFC 6761
 * (localhost, test, example, invalid), RFC 6762 (local, and those of its appendix G), RFC 8375 (home.arpa), ICANN's resolution of 2024
 * (internal).
 */
export const privateSuffixes = [
  "localhost",
  "test",
  "example",
  "invalid",
  "local",
  "internal",
  "home.arpa",
  "lan",
  "localdomain",
  "home",
  "corp",
  "intranet",
  "private",
] as const;

/** Whether a host name is one of them, or ends in one. */
export function isPrivateName(host: string): boolean {
  const name = host.toLowerCase();
  return privateSuffixes.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));
}
