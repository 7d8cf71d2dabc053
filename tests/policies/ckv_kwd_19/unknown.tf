resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_s3_bucket" "unknown" {
  bucket = "kw-later-19"
}

resource "aws_s3_bucket_policy" "for_later" {
  bucket = aws_s3_bucket.unknown.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = aws_vpc.later.default_network_acl_id } } },
    ]
  })
}
