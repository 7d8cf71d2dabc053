# Memory, disks and log files go out through the CloudWatch agent.

locals {
  dimensions = { Environment = var.environment }

  # file on the instance => log group and stream
  logs = {
    "/var/log/cloud-init-output.log"       = { group = "host", stream = "boot" }
    "/var/log/knowledgeweaver/health.log"  = { group = "host", stream = "health" }
    "/var/log/knowledgeweaver/metrics.log" = { group = "metrics", stream = "metrics" }
    "/var/log/neo4j/debug.log"             = { group = "server", stream = "debug" }
    "/var/log/neo4j/neo4j.log"             = { group = "server", stream = "neo4j" }
    "/var/log/neo4j/security.log"          = { group = "server", stream = "security" }
  }

  agent = {
    agent = {
      metrics_collection_interval = 60
      # The instance's name would be a dimension, and an alarm would lose its metric with every replaced instance.
      omit_hostname = true
    }
    metrics = {
      namespace = local.names.namespace
      metrics_collected = {
        mem = {
          measurement       = ["mem_used_percent"]
          append_dimensions = local.dimensions
        }
        disk = {
          measurement       = ["disk_used_percent"]
          resources         = ["/", local.names.data]
          drop_device       = true
          append_dimensions = local.dimensions
        }
      }
    }
    logs = {
      logs_collected = {
        files = {
          collect_list = [
            for path, to in local.logs : merge(
              {
                file_path       = path
                log_group_name  = "${var.logs.prefix}/${to.group}"
                log_stream_name = "{instance_id}/${to.stream}"
              },
              # A stack trace belongs to the line above it.
              to.group == "server" ? { multi_line_start_pattern = "^\\d{4}-\\d{2}-\\d{2} " } : {},
            )
          ]
        }
      }
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset([for path, to in local.logs : to.group])

  name              = "${var.logs.prefix}/${each.key}"
  retention_in_days = var.logs.retention_days
}
