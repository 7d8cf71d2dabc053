resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_iam_role" "machine_later" {
  name               = "kw-later"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_iam_role_policy" "unknown" {
  role = "kw-later"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = aws_vpc.later.default_network_acl_id },
    ]
  })
}
