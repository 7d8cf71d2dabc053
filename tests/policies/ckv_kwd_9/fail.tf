resource "aws_iam_role" "fail_any_file" {
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com", "token.actions.githubusercontent.com:repository_id" = "2" }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:acme@1/kw@2:environment:prod" }
      }
    }]
  })
}

resource "aws_iam_role" "fail_file_of_any_branch" {
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com", "token.actions.githubusercontent.com:repository_id" = "2", "token.actions.githubusercontent.com:job_workflow_ref" = ["acme/kw/.github/workflows/deploy.yml@*"] }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:acme@1/kw@2:environment:prod" }
      }
    }]
  })
}

resource "aws_iam_role" "fail_names_can_be_taken" {
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com", "token.actions.githubusercontent.com:repository_id" = "2", "token.actions.githubusercontent.com:job_workflow_ref" = ["acme/kw/.github/workflows/deploy.yml@refs/heads/main"] }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:acme/kw:environment:prod" }
      }
    }]
  })
}

resource "aws_iam_role" "fail_no_audience" {
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:repository_id" = "2", "token.actions.githubusercontent.com:job_workflow_ref" = ["acme/kw/.github/workflows/deploy.yml@refs/heads/main"] }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:acme@1/kw@2:environment:prod" }
      }
    }]
  })
}

resource "aws_iam_role" "fail_no_number" {
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com", "token.actions.githubusercontent.com:job_workflow_ref" = ["acme/kw/.github/workflows/deploy.yml@refs/heads/main"] }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:acme@1/kw@2:environment:prod" }
      }
    }]
  })
}
