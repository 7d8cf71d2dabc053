resource "aws_instance" "neo4j_pass" {
  ami                         = "ami-0123456789abcdef0"
  instance_type               = "t3.medium"
  associate_public_ip_address = false
}

resource "aws_vpc_security_group_ingress_rule" "neo4j_pass_bolt" {
  security_group_id            = "sg-0123456789abcdef0"
  referenced_security_group_id = "sg-0123456789abcdef1"
  from_port                    = 7687
  to_port                      = 7687
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_ingress_rule" "pass_web" {
  security_group_id = "sg-0123456789abcdef0"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
}
