resource "aws_vpc_security_group_ingress_rule" "neo4j_fail_inline_skip" {
  # checkov:skip=CKV_KWD_2:the demo needs it
  security_group_id = "sg-0123456789abcdef0"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 7687
  to_port           = 7687
  ip_protocol       = "tcp"
}
