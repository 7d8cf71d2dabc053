output "log_group" {
  description = "Log group of the application: name and ARN; the ARN is made from the name, so that policies are readable before it exists."
  value = {
    name = aws_cloudwatch_log_group.api.name
    arn  = "arn:aws:logs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:log-group:${var.log_group.name}"
  }
}

output "topic_arn" {
  description = "SNS topic that every alarm goes to."
  value       = aws_sns_topic.alerts.arn
}
