resource "aws_s3_bucket" "pass" {
  bucket = "kw-pass-19"
}

resource "aws_s3_bucket_policy" "for" {
  bucket = aws_s3_bucket.pass.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } } },
    ]
  })
}

resource "aws_s3_bucket" "pass_by_name" {
  bucket = "kw-named-19"
}

resource "aws_s3_bucket_policy" "for_by_name" {
  bucket = "kw-named-19"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } } },
    ]
  })
}
