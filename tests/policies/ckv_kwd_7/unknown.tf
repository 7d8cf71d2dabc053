resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_iam_policy" "ceiling" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_iam_role" "unknown" {
  permissions_boundary = aws_iam_policy.ceiling.arn
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
