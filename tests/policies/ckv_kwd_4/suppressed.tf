resource "aws_iam_role_policy" "task_fail_inline_skip" {
  # checkov:skip=CKV_KWD_4:just for now
  role   = "kw-task"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
