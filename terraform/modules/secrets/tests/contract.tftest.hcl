# What callers rely on: four secrets under one prefix, their patterns known before they exist, what Terraform
# says of their values, and how little the function that makes them may do. The function itself runs in
# tests/terraform/test_secret_values.py.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-2" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/knowledgeweaver-test-secrets" }
  }
}

variables {
  prefix               = "contract"
  name                 = "knowledgeweaver-test"
  image                = "123456789012.dkr.ecr.ap-southeast-2.amazonaws.com/knowledgeweaver:4b825dc642cb6eb9a060e54bf8d69288fbee4904"
  log_group            = { name = "/knowledgeweaver/test/secrets", retention_days = 7 }
  permissions_boundary = "arn:aws:iam::123456789012:policy/b"
}

run "secrets" {
  assert {
    condition     = [aws_secretsmanager_secret.api_key.name, aws_secretsmanager_secret.langfuse.name, aws_secretsmanager_secret.neo4j.name, aws_secretsmanager_secret.phoenix.name] == ["contract/api-key", "contract/langfuse", "contract/neo4j", "contract/phoenix"] && output.neo4j.name == "contract/neo4j"
    error_message = "Each secret is found by its name below the prefix."
  }

  assert {
    condition     = output.neo4j.pattern == "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:contract/neo4j-??????"
    error_message = "A pattern is known before its secret exists."
  }

  assert {
    condition     = output.patterns == [for secret in [output.api_key, output.langfuse, output.neo4j] : secret.pattern]
    error_message = "The application reads its key, the graph store's password and Langfuse's keys, and not Phoenix's."
  }

  assert {
    condition = [for call in [aws_lambda_invocation.api_key, aws_lambda_invocation.langfuse, aws_lambda_invocation.neo4j, aws_lambda_invocation.phoenix] : jsondecode(call.input).value] == [
      { random = 40 },
      { public_key = "off", secret_key = "off" },
      { username = "neo4j", password = { random = 40 } },
      { for part in ["admin_password", "admin_secret", "database_password", "secret"] : part => { random = 40 } },
    ]
    error_message = "Terraform says which values are drawn, and knows none."
  }

  assert {
    condition     = [for call in [aws_lambda_invocation.langfuse, aws_lambda_invocation.neo4j] : lookup(jsondecode(call.input), "generation", null)] == [null, null] && jsondecode(aws_lambda_invocation.api_key.input).generation == 1
    error_message = "The graph store's password is a rotation's, Langfuse's keys are people's: neither is made twice."
  }

  assert {
    condition     = length(aws_lambda_function.values.vpc_config) == 0 && aws_lambda_function.values.image_uri == var.image && aws_lambda_function.values.architectures == tolist(["arm64"])
    error_message = "The function is the application's image, in no VPC."
  }

  assert {
    condition     = toset(flatten([for s in jsondecode(aws_iam_role_policy.values.policy).Statement : s.Action])) == toset(["logs:CreateLogStream", "logs:PutLogEvents", "secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"])
    error_message = "Without a database it reads no value."
  }

  assert {
    condition     = aws_iam_role.values.permissions_boundary == var.permissions_boundary && startswith(aws_iam_role.values.name, "knowledgeweaver-test-")
    error_message = "The role carries the ceiling and its workspace's name."
  }
}

run "a_new_generation" {
  variables {
    api_key_generation = 2
    phoenix_generation = 3
  }

  assert {
    condition     = jsondecode(aws_lambda_invocation.api_key.input).generation == 2 && jsondecode(aws_lambda_invocation.phoenix.input).generation == 3 && output.phoenix.generation == 3
    error_message = "A raised number asks for new values."
  }
}

run "a_database" {
  variables {
    database = "knowledgeweaver-test-phoenix"
  }

  assert {
    condition = { for s in jsondecode(aws_iam_role_policy.values.policy).Statement : s.Sid => s.Resource if startswith(s.Sid, "Database") } == {
      DatabasePassword = ["arn:aws:rds:ap-southeast-2:123456789012:db:knowledgeweaver-test-phoenix", "arn:aws:rds:ap-southeast-2:123456789012:og:default:*"]
      DatabaseSecret   = [output.phoenix.pattern]
    }
    error_message = "It changes this database only, and reads this secret only."
  }
}
