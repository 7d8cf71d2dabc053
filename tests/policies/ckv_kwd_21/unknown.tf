resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_cloudwatch_log_group" "unknown" {
  name              = "/kw/api"
  retention_in_days = length(aws_vpc.later.id)
}
