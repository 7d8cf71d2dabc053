resource "aws_subnet" "private" {
  vpc_id     = "vpc-1"
  cidr_block = "10.0.1.0/24"
}

resource "aws_ecs_service" "pass" {
  name = "api"

  network_configuration {
    subnets = [aws_subnet.private.id]
  }
}

resource "aws_instance" "pass" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
  subnet_id     = aws_subnet.private.id
}

resource "aws_subnet" "public" {
  vpc_id     = "vpc-1"
  cidr_block = "10.0.1.0/24"
}

resource "aws_instance" "nat_pass" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
  subnet_id     = aws_subnet.public.id
}

resource "aws_lb" "balancer" {
  subnets = [aws_subnet.public.id]
}
