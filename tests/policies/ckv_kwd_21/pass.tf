resource "aws_cloudwatch_log_group" "pass" {
  name              = "/kw/api"
  retention_in_days = 30
}
