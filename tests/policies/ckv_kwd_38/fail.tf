resource "aws_iam_user" "fail_person" {
  name = "alice"
}

resource "aws_iam_access_key" "fail_key" {
  user = "alice"
}

resource "aws_iam_group" "fail_group" {
  name = "ops"
}

resource "aws_iam_role" "fail_account" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::210987654321:root" } }] })
}
