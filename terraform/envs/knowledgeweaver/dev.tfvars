environment = "dev"

# One small NAT instance and one task: what a developer needs, not what customers need.
network = { nat = "instance", flow_logs = "REJECT" }
tls     = { allow_plain_http = true }

service = {
  cpu                    = 256
  memory                 = 512
  min                    = 1
  max                    = 2
  spot_percent           = 100
  grace_seconds          = 60
  stop_seconds           = 10
  deregistration_seconds = 5
  health_seconds         = 5
}

# A function in a VPC takes AWS up to 45 minutes to take away, too long for what is made and unmade daily.
graph_store = { rotation_days = 0 }

# Traces on a file system instead of a database, kept for a week.
phoenix = {
  cpu        = 256
  storage    = "efs"
  trace_days = 7
}

# Everything here may be thrown away.
keep = {
  protect                    = false
  secret_recovery_days       = 0
  old_document_versions_days = 0
}

observability = {
  log_days           = 7
  access_log_days    = 0
  encrypt_alerts     = false
  container_insights = "disabled"
}

backup = { daily_days = 3, weekly_days = 7 }
