resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_sqs_queue" "unknown_value" {
  name = "four"
  tags = { Project = aws_vpc.later.id, Environment = "dev" }
}
