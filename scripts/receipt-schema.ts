// Writes docs/receipt.schema.json, the JSON Schema of receipts, from their valibot schema: bun scripts/receipt-schema.ts
import { dirname, join } from "node:path";
import { receiptSchema } from "../src/model/receipt.ts";

/** The parts of valibot's schemas and actions that receipts use. */
interface Described {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Described>>;
  readonly item?: Described;
  readonly value?: Described;
  readonly wrapped?: Described;
  readonly options?: readonly Described[];
  readonly literal?: unknown;
  readonly requirement?: unknown;
  readonly description?: string;
  readonly pipe?: readonly Described[];
}

type Schema = Readonly<Record<string, unknown>>;

/** The JSON Schema (2020-12) of a receipt, as text. */
export function receiptJsonSchema(): string {
  const document = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Receipt of a test that passed, by Reyns",
    ...convert(receiptSchema),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function convert(described: Described): Schema {
  const [first, ...actions] = described.pipe ?? [described];
  if (!first) throw new Error("an empty pipe");
  return Object.assign({}, convertType(first), ...actions.map(convertAction)) as Schema;
}

function convertType(schema: Described): Schema {
  const { type, entries = {}, item, value, wrapped, options = [], literal } = schema;
  // In a pipe, the first item is the schema again.
  if (schema.pipe && schema.pipe[0] !== schema) return convert(schema);
  switch (type) {
    case "string":
    case "number":
    case "boolean":
      return { type };
    case "literal":
      return { const: literal };
    case "array":
      return { type, items: item && convert(item) };
    case "record":
      return { type: "object", additionalProperties: value && convert(value) };
    case "nullable":
      return { anyOf: [...(wrapped ? [convert(wrapped)] : []), { type: "null" }] };
    case "union":
      return { anyOf: options.map(convert) };
    case "strict_object":
      return {
        type: "object",
        properties: Object.fromEntries(
          Object.entries(entries).map(([name, entry]) => [name, convert(entry)]),
        ),
        required: Object.keys(entries),
        additionalProperties: false,
      };
    default:
      throw new Error(`no JSON Schema for ${type}`);
  }
}

function convertAction({ type, requirement, description, pipe }: Described): Schema {
  if (pipe) throw new Error("a pipe in a pipe");
  switch (type) {
    case "description":
      return { description };
    case "regex":
      return { pattern: (requirement as RegExp).source };
    case "integer":
      return { type: "integer" };
    case "min_value":
      return { minimum: requirement };
    case "iso_timestamp":
      return { format: "date-time" };
    default:
      throw new Error(`no JSON Schema for ${type}`);
  }
}

if (import.meta.main) {
  const file = join(dirname(import.meta.dir), "docs/receipt.schema.json");
  await Bun.write(file, receiptJsonSchema());
}
