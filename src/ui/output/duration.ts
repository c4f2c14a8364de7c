/** "0.4s", "12s", "2m 5s" */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`;
  return formatWholeSeconds(Math.round(seconds));
}

/** "0s", "12s", "2m 5s" */
export function formatWholeSeconds(seconds: number): string {
  const whole = Math.floor(seconds);
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m ${whole % 60}s`;
}

/** What is left of a time, in its two largest units: "2 d 23 h", "1 h 29 min", "5 min", "12 s". */
export function formatRemaining(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60)];
  if (hours >= 24) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  return hours >= 1 ? `${hours} h ${minutes % 60} min` : formatAge(whole);
}

/** Age in its largest unit: "12 s", "5 min", "3 h", "2 d". */
export function formatAge(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole >= 86_400) return `${Math.floor(whole / 86_400)} d`;
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h`;
  if (whole >= 60) return `${Math.floor(whole / 60)} min`;
  return `${whole} s`;
}
