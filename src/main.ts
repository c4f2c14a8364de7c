import { dispatch } from "./cli/dispatch.ts";

const status = await dispatch(process.argv.slice(2));
// oxlint-disable-next-line unicorn/no-process-exit -- open connections to the Engine must not hold it back
process.exit(status);
