resource "aws_vpc" "fail_none" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc" "fail_rejects" {
  cidr_block = "10.1.0.0/16"
  tags       = { Environment = "prod" }
}

resource "aws_flow_log" "seldom" {
  vpc_id          = aws_vpc.fail_rejects.id
  traffic_type    = "REJECT"
  log_destination = "arn:aws:logs:ap-southeast-2:123456789012:log-group:x"
  iam_role_arn    = "arn:aws:iam::123456789012:role/x"
}
