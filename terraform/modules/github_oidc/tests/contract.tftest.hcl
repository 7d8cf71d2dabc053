# What callers rely on: a role for each purpose, each bound to its workflow files.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-2" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/b" }
  }
}

variables {
  name   = "knowledgeweaver"
  github = { repository = "acme/delivery", repository_id = 2001, owner_id = 1001 }
}

run "roles" {
  assert {
    condition     = join(" ", sort(keys(output.role_arns))) == "apply-dev apply-prod apply-shared apply-staging image plan read report"
    error_message = "There is a role for each purpose and an apply role for each workspace."
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.this : role.permissions_boundary == "arn:aws:iam::123456789012:policy/b"])
    error_message = "Every role carries its ceiling."
  }

  assert {
    condition = alltrue([
      for role in aws_iam_role.this : alltrue([
        for file in jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:job_workflow_ref"] :
        startswith(file, "acme/delivery/.github/workflows/") && endswith(file, "@refs/heads/main")
      ])
    ])
    error_message = "Every role asks for a workflow file on the protected branch."
  }

  assert {
    condition = join(" ", sort([
      for name, role in aws_iam_role.this : name
      if try(jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:ref"], "") == "refs/heads/main"
    ])) == "apply-dev apply-prod apply-shared apply-staging image read"
    error_message = "Every role but those of pull requests asks for a run of the protected branch."
  }

  assert {
    condition = { for name, role in aws_iam_role.this :
      name => join(" ", jsondecode(role.assume_role_policy).Statement[0].Condition.StringLike["token.actions.githubusercontent.com:sub"])
      } == {
      apply-dev     = "repo:acme@1001/delivery@2001:environment:dev"
      apply-prod    = "repo:acme@1001/delivery@2001:environment:prod"
      apply-shared  = "repo:acme@1001/delivery@2001:environment:shared"
      apply-staging = "repo:acme@1001/delivery@2001:environment:staging"
      image         = "repo:acme@1001/delivery@2001:ref:refs/heads/main"
      plan          = "repo:acme@1001/delivery@2001:pull_request repo:acme@1001/delivery@2001:ref:refs/heads/gh-readonly-queue/main/*"
      read          = "repo:acme@1001/delivery@2001:ref:refs/heads/main"
      report        = "repo:acme@1001/delivery@2001:pull_request repo:acme@1001/delivery@2001:ref:refs/heads/gh-readonly-queue/main/*"
    }
    error_message = "Each role is for jobs of one place: its environment, the protected branch, or a pull request."
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 1
    error_message = "A new account gets its identity provider."
  }
}

run "the_workspace_default" {
  variables {
    workspaces = ["default", "prod"]
    stacks     = ["shop"]
  }

  assert {
    condition = alltrue([
      for key in ["account", "knowledgeweaver", "shop"] : contains(
        [for s in jsondecode(aws_iam_role_policy.apply["default"].policy).Statement : s.Resource if s.Sid == "State"][0],
        "arn:aws:s3:::knowledgeweaver-state-123456789012-ap-southeast-2/${key}/terraform.tfstate",
      )
    ])
    error_message = "Terraform keeps the state of the workspace `default` under its stack's name."
  }

  assert {
    condition = alltrue([
      for resource in [for s in jsondecode(aws_iam_role_policy.apply["prod"].policy).Statement : s.Resource if s.Sid == "State"][0] :
      strcontains(resource, "/env/prod/")
    ])
    error_message = "No other workspace's role may write it."
  }
}

run "an_account_with_a_provider" {
  variables {
    create_provider = false
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0
    error_message = "An account has one identity provider for an issuer; a second is refused."
  }

  assert {
    condition = toset([
      for role in aws_iam_role.this : jsondecode(role.assume_role_policy).Statement[0].Principal.Federated
    ]) == toset([output.provider_arn]) && output.provider_arn == "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    error_message = "The roles trust the one that is there."
  }
}
