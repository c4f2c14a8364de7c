/** The options of an action of `reyns keys`. */
export interface KeysOptions {
  readonly file: string | undefined;
  readonly force: boolean;
  readonly json: boolean;
}
