resource "aws_iam_role_policy" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_6:we know better
  role = aws_iam_role.machine_quiet.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "*", Resource = "*" },
    ]
  })
}

resource "aws_iam_role" "machine_quiet" {
  name               = "kw-quiet"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
