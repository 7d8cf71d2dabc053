resource "aws_s3_bucket" "later" {}

resource "aws_iam_role_policy" "task_unknown" {
  role   = "kw-task"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.later.arn}/*" }] })
}
