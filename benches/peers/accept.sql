-- Takes a command once: its id, the booking and the mail that is owed, in one transaction, and
-- returns what the mail needs. A command that came before changes nothing; `state` then says
-- whether its mail went out.
with command as (
  insert into commands (tenant, id) values ($1, $2)
  on conflict do nothing
  returning tenant, id
), booking as (
  insert into bookings (tenant, id, client, service, starts_at, ends_at, state)
  select tenant, $3, $4, $5, $6::timestamptz, $7::timestamptz, 'confirmed' from command
  on conflict do nothing
), message as (
  insert into messages (tenant, command, state)
  select tenant, id, 'pending' from command
)
select tenants.name as tenant_name, tenants.timezone,
       services.name as service_name, services.location,
       clients.name as client_name, clients.email as client_email,
       coalesce(messages.state, 'pending') as state
from tenants
join services on services.tenant = tenants.id and services.id = $5
join clients on clients.tenant = tenants.id and clients.id = $4
left join messages on messages.tenant = tenants.id and messages.command = $2
where tenants.id = $1
