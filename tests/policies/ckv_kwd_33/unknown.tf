resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_vpc" "unknown" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_flow_log" "later" {
  vpc_id          = aws_vpc.unknown.id
  traffic_type    = aws_vpc.later.default_network_acl_id
  log_destination = "arn:aws:logs:ap-southeast-2:123456789012:log-group:x"
  iam_role_arn    = "arn:aws:iam::123456789012:role/x"
}
