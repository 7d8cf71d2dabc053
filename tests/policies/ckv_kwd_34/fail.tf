resource "aws_subnet" "public_front" {
  vpc_id     = "vpc-1"
  cidr_block = "10.0.1.0/24"
}

resource "aws_subnet" "front" {
  vpc_id     = "vpc-1"
  cidr_block = "10.0.1.0/24"
  tags       = { Tier = "public" }
}

resource "aws_ecs_service" "fail_service" {
  name = "api"

  network_configuration {
    subnets = [aws_subnet.public_front.id]
  }
}

resource "aws_instance" "fail_machine" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
  subnet_id     = aws_subnet.front.id
}

resource "aws_db_subnet_group" "fail_database" {
  subnet_ids = [aws_subnet.public_front.id]
}
