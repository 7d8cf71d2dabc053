resource "aws_vpc" "pass" {
  cidr_block = "10.0.0.0/16"
  tags       = { Environment = "prod" }
}

resource "aws_vpc" "pass_dev" {
  cidr_block = "10.0.0.0/16"
  tags       = { Environment = "dev" }
}

resource "aws_flow_log" "dev" {
  vpc_id          = aws_vpc.pass_dev.id
  traffic_type    = "REJECT"
  log_destination = "arn:aws:logs:ap-southeast-2:123456789012:log-group:x"
  iam_role_arn    = "arn:aws:iam::123456789012:role/x"
}

resource "aws_flow_log" "for" {
  vpc_id          = aws_vpc.pass.id
  traffic_type    = "ALL"
  log_destination = "arn:aws:logs:ap-southeast-2:123456789012:log-group:x"
  iam_role_arn    = "arn:aws:iam::123456789012:role/x"
}

resource "aws_vpc" "pass_second" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_flow_log" "second" {
  vpc_id          = aws_vpc.pass_second.id
  traffic_type    = "ALL"
  log_destination = "arn:aws:logs:ap-southeast-2:123456789012:log-group:x"
  iam_role_arn    = "arn:aws:iam::123456789012:role/x"
}
