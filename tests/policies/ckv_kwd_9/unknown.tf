resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_iam_role" "unknown" {
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com", "token.actions.githubusercontent.com:repository_id" = aws_vpc.later.default_network_acl_id, "token.actions.githubusercontent.com:job_workflow_ref" = ["acme/kw/.github/workflows/deploy.yml@refs/heads/main"] }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:acme@1/kw@2:environment:prod" }
      }
    }]
  })
}
