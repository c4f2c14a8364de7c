import { createMessage } from "./message.ts";
import type { Message, ResourceRecord } from "./message.ts";
import { typeCode } from "./record.ts";
import type { RecordData, TypeName } from "./record.ts";
import type { Change, Prerequisite, Update } from "./zone.ts";

/** An update as a message (RFC 2136, 2): what is wanted of a record is told by its class. */
export function updateMessage(update: Update, id: number): Message {
  return createMessage({
    id,
    opcode: "UPDATE",
    questions: [{ name: update.zone, type: "SOA", class: "IN" }],
    answers: update.prerequisites.flatMap(prerequisiteRecords),
    authorities: update.changes.map(changeRecord),
  });
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

function changeRecord(change: Change): ResourceRecord {
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
