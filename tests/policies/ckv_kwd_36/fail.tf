resource "aws_cloudwatch_metric_alarm" "fail_silent" {
  alarm_name          = "silent"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  statistic           = "Average"
  period              = 60
  threshold           = 80
}

resource "aws_cloudwatch_metric_alarm" "fail_off" {
  alarm_name          = "off"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  statistic           = "Average"
  period              = 60
  threshold           = 80
  alarm_actions       = ["arn:aws:sns:ap-southeast-2:123456789012:alerts"]
  actions_enabled     = false
}

resource "aws_cloudwatch_composite_alarm" "fail_whole" {
  alarm_name = "all"
  alarm_rule = "ALARM(\"off\")"
}
