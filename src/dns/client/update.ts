import { createMessage } from "../wire/message.ts";
import type { DnsMessage, ResourceRecord } from "../wire/message.ts";
import { typeCode } from "../wire/record.ts";
import type { RecordData, TypeName } from "../wire/record.ts";

/**
 * What must hold for an update to be carried out (RFC 2136, 2.4). `equals`: the records are these
 * and no others.
 */
export type Prerequisite =
  | { readonly kind: "exists" | "absent"; readonly name: string; readonly type: TypeName }
  | { readonly kind: "equals"; readonly name: string; readonly data: readonly RecordData[] };

/** One step of an update (RFC 2136, 2.5). Removing what is not there is no error. */
export type RecordChange =
  | { readonly kind: "add"; readonly name: string; readonly ttl: number; readonly data: RecordData }
  | { readonly kind: "remove"; readonly name: string; readonly data: RecordData }
  | { readonly kind: "remove-all"; readonly name: string; readonly type: TypeName };

/**
 * Changes of one zone that a DNS carries out together or not at all. Names are whole, without the
 * final dot.
 */
export interface Update {
  readonly zone: string;
  readonly prerequisites: readonly Prerequisite[];
  readonly changes: readonly RecordChange[];
}

/** An update as a message (RFC 2136, 2): what is wanted of a record is told by its class. */
export function updateMessage(update: Update, id: number): DnsMessage {
  return createMessage({
    id,
    opcode: "UPDATE",
    questions: [{ name: update.zone, type: "SOA", class: "IN" }],
    answers: update.prerequisites.flatMap(prerequisiteRecords),
    authorities: update.changes.map(changeRecord),
  });
}

/** That the records of a name and type are still those that were read: none of them, or these. */
export function unchanged(name: string, type: TypeName, data: readonly RecordData[]): Prerequisite {
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
