resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_cloudwatch_metric_alarm" "unknown" {
  alarm_name          = "later"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  statistic           = "Average"
  period              = 60
  threshold           = 80
  alarm_actions       = [aws_vpc.later.default_network_acl_id]
}
