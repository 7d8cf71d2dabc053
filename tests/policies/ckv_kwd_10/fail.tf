resource "aws_instance" "fail_key" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
  key_name      = "ops"
}

resource "aws_vpc_security_group_ingress_rule" "fail_ssh" {
  security_group_id            = "sg-0123456789abcdef0"
  referenced_security_group_id = "sg-0123456789abcdef1"
  from_port                    = 22
  to_port                      = 22
  ip_protocol                  = "tcp"
}

resource "aws_security_group" "fail_desktop" {
  ingress {
    from_port   = 3000
    to_port     = 4000
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/16"]
  }
}

resource "aws_key_pair" "fail_pair" {
  key_name   = "ops"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0000000000000000000000000000000000000000000"
}

resource "aws_ecs_service" "fail_exec" {
  name                   = "api"
  enable_execute_command = true
}
