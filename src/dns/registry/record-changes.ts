import type { RecordChange } from "../client/update.ts";
import type { RecordData, TypeName } from "../wire/record.ts";

export function removeAll(name: string, type: TypeName): RecordChange {
  return { kind: "remove-all", name, type };
}

export function remove(name: string, data: RecordData): RecordChange {
  return { kind: "remove", name, data };
}
