# Secrets of where traces go: Phoenix, which is ours, and Langfuse, which is somebody else's.

locals {
  phoenix_parts = ["admin_password", "admin_secret", "database_password", "secret"]
}

ephemeral "aws_secretsmanager_random_password" "phoenix" {
  for_each = toset(local.phoenix_parts)

  password_length     = var.password_length
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret" "phoenix" {
  name                    = local.names.phoenix
  description             = "Phoenix: ${join(", ", local.phoenix_parts)}"
  recovery_window_in_days = var.recovery_days
}

resource "aws_secretsmanager_secret_version" "phoenix" {
  secret_id                = aws_secretsmanager_secret.phoenix.id
  secret_string_wo         = jsonencode({ for part in local.phoenix_parts : part => ephemeral.aws_secretsmanager_random_password.phoenix[part].random_password })
  secret_string_wo_version = var.phoenix_generation
}

resource "aws_secretsmanager_secret" "langfuse" {
  name                    = local.names.langfuse
  description             = "Langfuse: public_key and secret_key; \"off\" until somebody puts keys here"
  recovery_window_in_days = var.recovery_days
}

# People put their keys in with `aws secretsmanager put-secret-value`; the number never changes, so no
# apply writes over them.
resource "aws_secretsmanager_secret_version" "langfuse" {
  secret_id                = aws_secretsmanager_secret.langfuse.id
  secret_string_wo         = jsonencode({ public_key = "off", secret_key = "off" })
  secret_string_wo_version = 1
}
