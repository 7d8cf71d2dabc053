resource "aws_cloudwatch_metric_alarm" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_36:we know better
  alarm_name          = "quiet"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  statistic           = "Average"
  period              = 60
  threshold           = 80
}
