/** What is known of a copy besides what runs of it. Times are in ISO 8601. */
export interface CopyRecord {
  readonly createdAt: string;
}
