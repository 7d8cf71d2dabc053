resource "aws_cloudwatch_metric_alarm" "pass" {
  alarm_name          = "x"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  statistic           = "Average"
  period              = 60
  threshold           = 80
  alarm_actions       = ["arn:aws:sns:ap-southeast-2:123456789012:alerts"]
}

resource "aws_cloudwatch_metric_alarm" "pass_part" {
  alarm_name          = "part"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  statistic           = "Average"
  period              = 60
  threshold           = 80
}

resource "aws_cloudwatch_composite_alarm" "pass" {
  alarm_name    = "whole"
  alarm_rule    = "ALARM(\"part\") OR ALARM(\"x\")"
  alarm_actions = ["arn:aws:sns:ap-southeast-2:123456789012:alerts"]
}
