-- A service's role: it may log in, and read and write rows of its own schema. Tables are made by the owner, in migrations.
create role {{ .role }} login nosuperuser nocreatedb nocreaterole password '{{ .password }}';
alter role {{ .role }} set search_path = {{ .schema }};
create schema {{ .schema }};
grant usage on schema {{ .schema }} to {{ .role }};
alter default privileges in schema {{ .schema }} grant select, insert, update, delete on tables to {{ .role }};
alter default privileges in schema {{ .schema }} grant usage, select on sequences to {{ .role }};
alter default privileges in schema {{ .schema }} grant execute on functions to {{ .role }};
