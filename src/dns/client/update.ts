import { createMessage } from "../wire/message.ts";
import type { DnsMessage, ResourceRecord } from "../wire/message.ts";
import { typeCode } from "../wire/record.ts";
import type { RecordData, TypeName } from "../wire/record.ts";

/**
 * A condition for an update (RFC 2136, 2.4). `equals`: the records are exactly these.
 */
export type Prerequisite =
  | { readonly kind: "exists" | "absent"; readonly name: string; readonly type: TypeName }
  | { readonly kind: "equals"; readonly name: string; readonly data: readonly RecordData[] };

/** One change of an update (RFC 2136, 2.5). Removing a record that does not exist is not an error. */
export type RecordChange =
  | { readonly kind: "add"; readonly name: string; readonly ttl: number; readonly data: RecordData }
  | { readonly kind: "remove"; readonly name: string; readonly data: RecordData }
  | { readonly kind: "remove-all"; readonly name: string; readonly type: TypeName };

/**
 * Changes of one zone that are applied together or not at all. Names are fully qualified, without the final dot.
 */
export interface Update {
  readonly zone: string;
  readonly prerequisites: readonly Prerequisite[];
  readonly changes: readonly RecordChange[];
}

/** Converts an update to a message (RFC 2136, 2). The class of a record selects the operation. */
export function updateMessage(update: Update, id: number): DnsMessage {
  return createMessage({
    id,
    opcode: "UPDATE",
    questions: [{ name: update.zone, type: "SOA", class: "IN" }],
    answers: update.prerequisites.flatMap(prerequisiteRecords),
    authorities: update.changes.map(changeRecord),
  });
}

/** A prerequisite that the records of a name and type are still those that were read. */
export function requireUnchanged(
  name: string,
  type: TypeName,
  data: readonly RecordData[],
): Prerequisite {
  return data.length === 0 ? { kind: "absent", name, type } : { kind: "equals", name, data };
}

function prerequisiteRecords(prerequisite: Prerequisite): ResourceRecord[] {
  const { kind, name } = prerequisite;
  switch (kind) {
    case "exists":
      return [{ name, class: "ANY", ttl: 0, data: noData(prerequisite.type) }];
    case "absent":
      return [{ name, class: "NONE", ttl: 0, data: noData(prerequisite.type) }];
    case "equals":
      return prerequisite.data.map((data) => ({ name, class: "IN", ttl: 0, data }));
  }
}

function changeRecord(change: RecordChange): ResourceRecord {
  const { kind, name } = change;
  switch (kind) {
    case "add":
      return { name, class: "IN", ttl: change.ttl, data: change.data };
    case "remove":
      return { name, class: "NONE", ttl: 0, data: change.data };
    case "remove-all":
      return { name, class: "ANY", ttl: 0, data: noData(change.type) };
  }
}

function noData(type: TypeName): RecordData {
  return { type: `TYPE${typeCode(type)}`, bytes: new Uint8Array() };
}
