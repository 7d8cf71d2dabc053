resource "aws_iam_role" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_7:we know better
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
