resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

# What is unknown here can be changed in place, so nothing is lost whatever it becomes.
resource "aws_sqs_queue" "unknown_tag" {
  name = "mail"
  tags = { Network = aws_vpc.later.id }
}
