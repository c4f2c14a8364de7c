import { temporaryFolder } from "../../engine/support/images-container.ts";

/** Undefined on a machine that has none. */
export const chromium = Bun.which("chromium") ?? Bun.which("google-chrome") ?? undefined;

/** Without what it asks for on the internet. */
const flags = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
  ...["--enable-logging=stderr", "--dump-dom"],
];

/**
 * Opens a page in a browser of a user, who has no other settings.
 *
 * @param home the user's home, with the certificates that the user trusts
 * @param more flags of this call
 * @returns the page, or the error that the browser shows instead, such as "ERR_CERT_AUTHORITY_INVALID"
 */
export async function openPage(
  url: string,
  home: string,
  more: readonly string[] = [],
): Promise<string> {
  for (;;) {
    const shown = await openOnce(url, home, more);
    // Other tests create and remove networks on this machine, and Chromium drops its connections then.
    if (shown !== "ERR_NETWORK_CHANGED") return shown;
  }
}

async function openOnce(url: string, home: string, more: readonly string[]): Promise<string> {
  await using settings = await temporaryFolder();
  const own = [...more, `--user-data-dir=${settings.path}`, url];
  const child = Bun.spawn([chromium ?? "", ...flags, ...own], {
    env: { PATH: process.env["PATH"], HOME: home },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [page, log] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return /net::(ERR_\w+)/.exec(log)?.[1] ?? page;
}
