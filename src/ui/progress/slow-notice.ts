import { isTerminal } from "../output/style.ts";
import { say } from "../output/print.ts";

/** Seconds after which a person wonders, and after which again. */
const [wonders, wondersAgain] = [1, 10];

/** What comes, with a word on standard error when it takes longer than a second, and every ten. */
export async function withSlowNotice<Value>(what: string, coming: Promise<Value>): Promise<Value> {
  const start = performance.now();
  let told = 0;
  const tell = (): void => {
    const seconds = Math.floor((performance.now() - start) / 1000);
    if (seconds < (told === 0 ? wonders : told + wondersAgain) || isAsked()) return;
    told = seconds;
    say(`  ${what}  ${seconds}s`);
  };
  const timer = setInterval(tell, 250);
  try {
    return await coming;
  } finally {
    clearInterval(timer);
  }
}

/** A question has the terminal while it reads key by key. */
function isAsked(): boolean {
  return isTerminal("stderr") && process.stdin.isRaw;
}
