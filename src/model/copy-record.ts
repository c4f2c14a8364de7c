import type { EngineSelection } from "./engine-selection.ts";

/** What is known of a copy besides what runs of it. Times are in ISO 8601. */
export interface CopyRecord {
  readonly createdAt: string;
  /** When it is to be removed; undefined: never. */
  readonly expiresAt?: string | undefined;
  /** It runs on the Engine of its caller alone, whatever machines the conf names. */
  readonly oneEngine?: boolean | undefined;
  /** The copy whose data it began with. */
  readonly from?: string | undefined;
  /** Its Engine and its data folder; undefined where that was not recorded. */
  readonly selection?: EngineSelection | undefined;
}
