/** A change of a trust store, with the commands that make it. */
interface ShownTrustChange {
  readonly action: "add" | "remove";
  readonly root: { readonly name: string; readonly fingerprint: string };
  readonly store: { readonly kind: string; readonly place: string; readonly owner: string };
  readonly lines: readonly string[];
}

const titles = {
  add: "Adds it to the store of",
  remove: "Removes NAME from the store of",
};

/** Each store with its commands, which are there to be copied. */
export function formatTrustChanges(changes: readonly ShownTrustChange[]): string {
  return changes
    .flatMap(({ action, root, store, lines }) => [
      `${titles[action].replace("NAME", root.name)} ${store.owner}, ${store.place}:`,
      ...lines.map((line) => `  ${line}`),
    ])
    .join("\n");
}

interface ShownRoot {
  readonly subject: string;
  readonly fingerprint: string;
  readonly expiresAt: Date;
  readonly names: readonly string[];
}

export function formatRoot({ subject, fingerprint, expiresAt, names }: ShownRoot): string {
  return [
    `The router's root certificate: ${subject}`,
    `  SHA-256  ${fingerprint}`,
    `  expires  ${expiresAt.toISOString().slice(0, 10)}`,
    `  only for names that end in ${names.join(", ")}`,
  ].join("\n");
}

export function trustChangeToJson({
  action,
  root,
  store,
}: Pick<ShownTrustChange, "action" | "root" | "store">): unknown {
  const { kind, place, owner } = store;
  return { action, name: root.name, fingerprint: root.fingerprint, store: kind, owner, place };
}
