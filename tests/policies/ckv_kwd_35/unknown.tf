resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_vpc_security_group_egress_rule" "unknown" {
  security_group_id = "sg-0123456789abcdef0"
  cidr_ipv4         = aws_vpc.later.default_network_acl_id
  from_port         = 80
  to_port           = 80
  ip_protocol       = "tcp"
}
