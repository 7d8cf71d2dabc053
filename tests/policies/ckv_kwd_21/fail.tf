resource "aws_cloudwatch_log_group" "fail_not_written" {
  name = "/kw/api"
}

resource "aws_cloudwatch_log_group" "fail_never" {
  name              = "/kw/api"
  retention_in_days = 0
}
