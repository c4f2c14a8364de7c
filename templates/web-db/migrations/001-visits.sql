-- Each migration may run again: "reyns do migrate" runs all of them, in the order of their names.
create table if not exists visits (
  id   bigint generated always as identity primary key,
  path text not null,
  at   timestamptz not null default now()
);
