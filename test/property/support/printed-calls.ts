import { commands } from "../../../src/cli/registry.ts";

/** They change the machine instead of the project, or are for the shell only. */
const left = new Set(["upgrade", "uninstall", "init", "install_demo", "__proxy", "__complete"]);

const lines = `
ps
ps all
ps reallyall
status
info web one
info web two
getip web one
logs web one prefix
logs all timestamps
dns
dns web
plan
plan web
run all
run web
clean all force=true
clean reallyall force=true
clean web data=true force=true
stop all
start all
restart web
rerun web
rollback web
routes
nodes
volumes
volumes remove yes
keys
check
graph
graph format=svg
graph format=mermaid
doctor
convert
do t
do
test none
shell web one command=id
ssh web one command=id
exec web one command=id
version
kill web
pause web
unpause web
stats web
wait web
wait all
events
events until=0s since=1h
build web
build all
build all verbose
help run
ls
copies
ps copy=demo
run all copy=demo
clean all copy=demo force
pull web
push web
images
images json
config
config json
clean images=true force=true
cp web:/etc/hosts -
cp web/one:/etc/hosts copy
top web
port web
save out=saved
load missing
create sub
completion bash
keys export -
keys signers
receipts
receipts json
trust system=false
trust remove=true
`;

/** What people type off a terminal: a call of each command. */
export const calls = lines.trim().split("\n");

/** Calls that ask, or redraw what they show; `follow` goes on until it is interrupted. */
export const terminalCalls = `
run all
run web
run web
plan
build all
rerun web
rollback web
restart web
stop all
start all
clean all
clean web data=true
clean reallyall
volumes remove unused
getip web
port web 80
ssh web command=id
shell web command=id
keys rotate
keys import KEYS
stats web follow
events
wait all
status
ps
logs web one
logs all timestamps
cp web:/etc/hosts copy
doctor
doctor fix
create sub2
`
  .trim()
  .split("\n");

/** Commands without a call: a new one has to be here. */
export function commandsWithoutCall(): string[] {
  const called = new Set(calls.map((line) => line.split(" ")[0]));
  return Object.keys(commands).filter((name) => !left.has(name) && !called.has(name));
}
