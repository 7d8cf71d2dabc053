output "monitor_arn" {
  description = "ARN of the anomaly monitor, or null."
  value       = one(aws_ce_anomaly_monitor.project[*].arn)
}
