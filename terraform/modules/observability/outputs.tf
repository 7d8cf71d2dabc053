output "log_group" {
  description = "Log group of the application: name and ARN; the ARN is made from the name, so that policies are readable before it exists."
  value = {
    name = aws_cloudwatch_log_group.api.name
    arn  = "arn:aws:logs:${local.region}:${local.account}:log-group:${var.log_group.name}"
  }
}

output "topic_arn" {
  description = "SNS topic that every alarm goes to."
  value       = aws_sns_topic.alerts.arn
}

output "dashboard_url" {
  description = "Where the dashboard is seen."
  value       = "https://${local.region}.console.aws.amazon.com/cloudwatch/home?region=${local.region}#dashboards/dashboard/${aws_cloudwatch_dashboard.this.dashboard_name}"
}
