-- What each peer keeps. Bellhop keeps more: see docs/performance.md.
create table tenants (
  id text primary key,
  name text not null,
  timezone text not null
);
create table services (
  tenant text not null references tenants,
  id text not null,
  name text not null,
  location text not null,
  primary key (tenant, id)
);
create table clients (
  tenant text not null references tenants,
  id text not null,
  name text not null,
  email text not null,
  primary key (tenant, id)
);
create table commands (
  tenant text not null,
  id text not null,
  received_at timestamptz not null default now(),
  primary key (tenant, id)
);
create table bookings (
  tenant text not null,
  id text not null,
  client text not null,
  service text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  state text not null,
  primary key (tenant, id)
);
-- A mail that is owed, and what became of it.
create table messages (
  tenant text not null,
  command text not null,
  state text not null,
  reply text,
  settled_at timestamptz,
  primary key (tenant, command)
);
