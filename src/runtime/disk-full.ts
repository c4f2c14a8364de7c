/** What to do when the Engine says that a disk is full; undefined when it says something else. */
export function diskFullHint(message: string): string | undefined {
  if (!/no space left on device/i.test(message)) return undefined;
  return "a disk is full, the Engine's or that of the data folder (df -h, docker system df): free some of it, and run again; what was there is as it was";
}
