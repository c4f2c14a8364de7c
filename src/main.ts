import { dispatch } from "./cli/dispatch.ts";

const status = await dispatch(process.argv.slice(2));
// oxlint-disable-next-line unicorn/no-process-exit -- open connections to the Engine would keep the process alive
process.exit(status);
