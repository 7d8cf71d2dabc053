resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_iam_role" "unknown" {
  assume_role_policy = aws_vpc.later.default_network_acl_id
}
