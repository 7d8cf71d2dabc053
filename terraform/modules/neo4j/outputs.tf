output "bolt_uri" {
  description = "Where the application reaches the graph store; known before the instance exists."
  value       = "bolt://${local.address}:7687"
}

output "instance_id" {
  description = "Id of the instance."
  value       = aws_instance.this.id
}

output "volume_id" {
  description = "Id of the data volume."
  value       = aws_ebs_volume.data.id
}

output "security_group_id" {
  description = "Security group of the instance."
  value       = aws_security_group.this.id
}

output "role_arn" {
  description = "Role of the instance."
  value       = aws_iam_role.this.arn
}

output "log_groups" {
  description = "Names of the log groups by what is in them: host (boot, health), metrics, server."
  value       = { for key, group in aws_cloudwatch_log_group.this : key => group.name }
}

output "metrics" {
  description = "What alarms and dashboards need, by metric: namespace, name, dimensions. The instance is in no dimension, so a replaced one goes on in the same metric."
  value       = local.metrics
}
