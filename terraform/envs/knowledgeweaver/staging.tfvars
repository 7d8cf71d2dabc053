environment = "staging"

network = { nat = "instance" }
tls     = { allow_plain_http = true }

service = {
  min = 1
  max = 4
}

keep = {
  protect                    = false
  secret_recovery_days       = 7
  old_document_versions_days = 30
}

observability = {
  log_days        = 30
  access_log_days = 30
}

backup = { daily_days = 7, weekly_days = 28 }
