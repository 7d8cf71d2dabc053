resource "aws_iam_role" "pass" {
  permissions_boundary = "arn:aws:iam::123456789012:policy/ceiling"
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
