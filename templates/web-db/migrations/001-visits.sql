-- Migrations must be repeatable: "reyns do migrate" runs all of them, ordered by name.
create table if not exists visits (
  id   bigint generated always as identity primary key,
  path text not null,
  at   timestamptz not null default now()
);
