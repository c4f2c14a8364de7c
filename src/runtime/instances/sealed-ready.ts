import type { Ready } from "../../model/readiness.ts";
import type { SealedReady } from "../../model/sealed-ready.ts";
import { openSealed, sealText } from "../keys/seal.ts";

/** Checks that have no text of the definition in them. */
const plainChecks: ReadonlySet<string> = new Set(["tcp", "healthy", "started"]);

/** How readiness is detected, for a label that everybody may read: a command, a path or a pattern may hold a secret. */
export async function sealReady(
  ready: Ready | SealedReady,
  keysFolder: string,
): Promise<Ready | SealedReady> {
  if (ready.kind !== "check" || plainChecks.has(ready.check.kind)) return ready;
  const text = await sealText(JSON.stringify(ready.check), keysFolder);
  return { kind: "sealed", check: ready.check.kind, address: ready.address, text };
}

/** @returns undefined for one that was sealed with other keys */
export async function openReady(
  ready: Ready | SealedReady,
  keysFolder: string,
): Promise<Ready | undefined> {
  if (ready.kind !== "sealed") return ready;
  const text = await openSealed(ready.text, keysFolder);
  if (text === undefined) return undefined;
  const check = JSON.parse(text) as Extract<Ready, { kind: "check" }>["check"];
  return { kind: "check", check, address: ready.address };
}
