resource "aws_iam_role" "machine_box" {
  name               = "kw-box"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_iam_role_policy" "fail_service" {
  role = aws_iam_role.machine_box.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::documents/*" },
    ]
  })
}

resource "aws_iam_role_policy" "fail_wildcard" {
  role = "kw-box"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "logs:*", Resource = "*" },
    ]
  })
}

resource "aws_iam_role_policy" "fail_every_secret" {
  role = "kw-box"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:*" },
    ]
  })
}

resource "aws_iam_role_policy" "fail_parameters" {
  role = "kw-box"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "ssm:GetParameters", Resource = "*" },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "fail_managed" {
  role       = aws_iam_role.machine_box.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}
