output "monitor_arn" {
  description = "ARN of the anomaly monitor."
  value       = aws_ce_anomaly_monitor.project.arn
}
