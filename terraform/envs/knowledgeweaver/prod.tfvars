environment = "prod"

# One gateway: the graph store stands in the first zone as well, so a second would keep nothing alive.
network = { nat = "gateway" }

# The certificate is requested and validated outside this stack, because its domain is yours: put its ARN here,
# and domain = "…" beside it, which is where clients and the smoke test go.
tls = { certificate_arn = "arn:aws:acm:ap-southeast-2:123456789012:certificate/00000000-0000-0000-0000-000000000000" }

service = {
  min = 2
  max = 6
}

phoenix = { trace_days = 90 }

keep = {
  protect                    = true
  secret_recovery_days       = 30
  old_document_versions_days = 90
}

observability = {
  log_days        = 365
  access_log_days = 365
  alert_email     = "oncall@example.com"
}

# Nobody deletes a backup of less than a week; `final_after_days` would make that final, for you too.
backup = { lock = { min_days = 7 } }
