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
    condition     = join(" ", sort(keys(output.role_arns))) == "apply-dev apply-prod apply-shared apply-staging image plan"
    error_message = "There is a plan role, an image role and an apply role for each workspace."
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
    ])) == "apply-dev apply-prod apply-shared apply-staging image"
    error_message = "Every role that writes asks for a run of the protected branch."
  }

  assert {
    condition = join(" ", jsondecode(aws_iam_role.this["apply-prod"].assume_role_policy).Statement[0].Condition.StringLike["token.actions.githubusercontent.com:sub"]) == join(" ", [
      "repo:acme@1001/delivery@2001:environment:prod",
      "repo:acme@1001/delivery@2001:environment:prod-review",
      "repo:acme@1001/delivery@2001:environment:prod-destroy",
    ])
    error_message = "Production is deployed from its own environments only."
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 1
    error_message = "A new account gets its identity provider."
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
