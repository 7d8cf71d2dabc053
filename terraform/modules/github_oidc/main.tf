data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  region  = data.aws_region.current.name
  issuer  = "token.actions.githubusercontent.com"
  # By name, because it may be there already.
  provider = "arn:aws:iam::${local.account}:oidc-provider/${local.issuer}"

  # GitHub's subject with numbers in it: a repository deleted and made again by someone else never matches.
  owner   = split("/", var.github.repository)[0]
  project = split("/", var.github.repository)[1]
  subject = "repo:${local.owner}@${var.github.owner_id}/${local.project}@${var.github.repository_id}"

  buckets = {
    for kind in ["state", "records", "ledger"] : kind => "arn:aws:s3:::${var.name}-${kind}-${local.account}-${local.region}"
  }
  objects = { for kind, arn in local.buckets : kind => "${arn}/*" }
  stacks  = setunion(["account", var.name], var.stacks)
  # CloudTrail's, which no role of the pipeline reads.
  audit_bucket = "arn:aws:s3:::${var.name}-audit-${local.account}-${local.region}"

  # Whoever writes a workflow decides which files it calls, but not which file on the protected branch holds a
  # job: that is what every role asks for.
  files = {
    for kind, names in var.workflows :
    kind => [for name in sort(names) : "${var.github.repository}/.github/workflows/${name}@refs/heads/${var.github.branch}"]
  }
  # Where a pull request's own jobs run: in the pull request, or in the merge queue.
  proposed = ["${local.subject}:pull_request", "${local.subject}:ref:refs/heads/gh-readonly-queue/${var.github.branch}/*"]
  merged   = ["${local.subject}:ref:refs/heads/${var.github.branch}"]
  subjects = merge(
    {
      plan   = local.proposed
      report = local.proposed
      read   = local.merged
      image  = local.merged
    },
    {
      for workspace in setunion(var.workspaces, ["shared"]) :
      "apply-${workspace}" => ["${local.subject}:environment:${workspace}"]
    },
  )
  roles = {
    for name, subjects in local.subjects : name => {
      subjects = subjects
      files    = local.files[split("-", name)[0]]
      # The files of these two take nothing from the pull request but data. All others run what their own commit
      # holds, so that has to be one of the protected branch.
      refs = contains(["plan", "report"], name) ? [] : ["refs/heads/${var.github.branch}"]
    }
  }
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.create_provider ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "this" {
  for_each = local.roles

  name                 = "${var.name}-${each.key}"
  description          = "Pipeline, ${each.key}: assumed by GitHub Actions jobs of ${var.github.repository} only"
  max_session_duration = var.session_seconds
  permissions_boundary = aws_iam_policy.delivery_boundary.arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.provider }
      Condition = {
        StringEquals = merge(
          {
            "${local.issuer}:aud"              = "sts.amazonaws.com"
            "${local.issuer}:repository_id"    = tostring(var.github.repository_id)
            "${local.issuer}:job_workflow_ref" = each.value.files
          },
          { for ref in each.value.refs : "${local.issuer}:ref" => ref },
        )
        StringLike = {
          "${local.issuer}:sub" = each.value.subjects
        }
      }
    }]
  })

  depends_on = [aws_iam_openid_connect_provider.github]
}
