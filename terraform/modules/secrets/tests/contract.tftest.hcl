# What callers rely on: four secrets under one prefix, their patterns known before they exist, and what a
# new generation renews. Mocks know no ephemeral resources, so this asks the AWS that AWS_ENDPOINT_URL
# names (make sandbox).
provider "aws" {
  region = "ap-southeast-2"
}

variables {
  prefix = "contract"
}

run "secrets" {
  module {
    source = "./tests/called"
  }

  assert {
    condition     = [for key in ["api_key", "langfuse", "neo4j", "phoenix"] : regex("secret:(.+)-......$", output.secrets[key].arn)[0]] == ["contract/api-key", "contract/langfuse", "contract/neo4j", "contract/phoenix"] && output.secrets.neo4j.name == "contract/neo4j"
    error_message = "Each secret is found by its name below the prefix."
  }

  assert {
    condition     = alltrue([for secret in values(output.secrets) : length(secret.arn) == length(secret.pattern) && startswith(secret.arn, trimsuffix(secret.pattern, "??????"))])
    error_message = "A pattern fits the secret that it is for."
  }

  assert {
    condition     = output.patterns == [for key in ["api_key", "langfuse", "neo4j"] : output.secrets[key].pattern]
    error_message = "The application reads its key, the graph store's password and Langfuse's keys, and not Phoenix's."
  }

  assert {
    condition     = alltrue([for ids in values(output.versions) : length(ids) == 1])
    error_message = "Each secret has a value."
  }
}

run "a_new_generation" {
  module {
    source = "./tests/called"
  }

  variables {
    api_key_generation = 2
    phoenix_generation = 3
  }

  assert {
    condition     = length(output.versions.api_key) == 2 && length(output.versions.phoenix) == 2 && output.secrets.phoenix.generation == 3
    error_message = "A raised number writes a new value, and RDS is told the number."
  }

  assert {
    condition     = output.versions.neo4j == run.secrets.versions.neo4j && output.versions.langfuse == run.secrets.versions.langfuse
    error_message = "The graph store's first password and people's keys are written once."
  }
}
