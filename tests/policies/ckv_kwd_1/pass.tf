resource "aws_vpc" "net" { cidr_block = "10.0.0.0/16" }

resource "aws_security_group" "alb_pass" {
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_vpc_security_group_ingress_rule" "alb_pass_ipv6" {
  security_group_id = "sg-0123456789abcdef0"
  cidr_ipv6         = "::/0"
  from_port         = 80
  to_port           = 80
  ip_protocol       = "tcp"
}

resource "aws_vpc_security_group_ingress_rule" "pass_private" {
  security_group_id = "sg-0123456789abcdef0"
  cidr_ipv4         = "10.0.0.0/8"
  ip_protocol       = "-1"
}

resource "aws_eip" "nat_pass" { domain = "vpc" }

resource "aws_lb" "pass_internal" {
  internal = true
  subnets  = ["subnet-1", "subnet-2"]
}
