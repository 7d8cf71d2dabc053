resource "aws_lb" "pass" {
  name                       = "x"
  subnets                    = ["subnet-1", "subnet-2"]
  tags                       = { Environment = "prod" }
  enable_deletion_protection = true
}

resource "aws_lb" "pass_dev" {
  name    = "x"
  subnets = ["subnet-1", "subnet-2"]
  tags    = { Environment = "dev" }
}

resource "aws_instance" "nat_pass" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
  tags          = { Environment = "prod" }
}

resource "aws_secretsmanager_secret" "pass" {
  name = "x"
  tags = { Environment = "prod" }
}

resource "aws_s3_bucket" "pass" {
  tags = { Environment = "prod" }
}
