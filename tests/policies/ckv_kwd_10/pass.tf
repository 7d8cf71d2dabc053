resource "aws_instance" "pass" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
}

resource "aws_vpc_security_group_ingress_rule" "pass_bolt" {
  security_group_id            = "sg-0123456789abcdef0"
  referenced_security_group_id = "sg-0123456789abcdef1"
  from_port                    = 7687
  to_port                      = 7687
  ip_protocol                  = "tcp"
}

resource "aws_ecs_service" "pass" {
  name                   = "api"
  enable_execute_command = false
}
