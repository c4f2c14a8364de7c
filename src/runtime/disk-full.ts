/** What to do about an error of the Engine that reports a full disk; undefined for any other error. */
export function diskFullHint(message: string): string | undefined {
  if (!/no space left on device/i.test(message)) return undefined;
  return "a disk is full, the Engine's or that of the data folder (df -h, docker system df): free some space and run again; existing data is unchanged";
}
