resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_vpc_security_group_ingress_rule" "neo4j_unknown" {
  security_group_id = "sg-0123456789abcdef0"
  cidr_ipv4         = aws_vpc.later.default_network_acl_id
  from_port         = 7687
  to_port           = 7687
  ip_protocol       = "tcp"
}
