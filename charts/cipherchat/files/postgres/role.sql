-- A service's role: it may log in, and nothing else. Its schema, and what it may do there, come with the migrations.
create role {{ .role }} login nosuperuser nocreatedb nocreaterole password '{{ .password }}';
alter role {{ .role }} set search_path = {{ .schema }};
