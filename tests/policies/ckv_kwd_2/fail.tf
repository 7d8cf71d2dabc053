resource "aws_instance" "neo4j_fail" {
  ami                         = "ami-0123456789abcdef0"
  instance_type               = "t3.medium"
  associate_public_ip_address = true
}

resource "aws_instance" "fail_by_tag" {
  ami                         = "ami-0123456789abcdef0"
  instance_type               = "t3.medium"
  associate_public_ip_address = true
  tags                        = { Component = "neo4j" }
}

resource "aws_vpc_security_group_ingress_rule" "neo4j_fail_any_port" {
  security_group_id = "sg-0123456789abcdef0"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 9999
  to_port           = 9999
  ip_protocol       = "tcp"
}

resource "aws_vpc_security_group_ingress_rule" "fail_range" {
  security_group_id = "sg-0123456789abcdef0"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 7000
  to_port           = 8000
  ip_protocol       = "tcp"
}

resource "aws_security_group" "fail_all_ports" {
  ingress {
    from_port        = 0
    to_port          = 0
    protocol         = "-1"
    ipv6_cidr_blocks = ["::/0"]
  }
}

# Private, but whoever is in the network would reach it.
resource "aws_vpc_security_group_ingress_rule" "neo4j_fail_private_range" {
  security_group_id = "sg-0123456789abcdef0"
  cidr_ipv4         = "10.0.0.0/16"
  from_port         = 7687
  to_port           = 7687
  ip_protocol       = "tcp"
}
